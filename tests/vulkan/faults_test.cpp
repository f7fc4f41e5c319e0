// A device that runs out of memory, and one that is lost: what is said, and what is left.
#include <algorithm>

#include "tests/support/errors.h"
#include "tests/train/small_run.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using vulkan::DeviceApi;
using vulkan::PhysicalDevice;

constexpr std::int64_t kBatch = 64;

// The first device, as if none of its memories held more than this.
PhysicalDevice with_memory(std::int64_t bytes) {
  PhysicalDevice physical = OwnDevice::first();
  for (std::uint32_t h = 0; h < physical.memory.memoryHeapCount; ++h) {
    VkDeviceSize& size = physical.memory.memoryHeaps[h].size;
    size = std::min(size, static_cast<VkDeviceSize>(bytes));
  }
  return physical;
}

// Of the model's accumulating program with this batch.
std::int64_t workspace_bytes(std::int64_t batch) {
  dmd::DeviceModel model(open_device("null"), small_run::config());
  model.allocate_training_state();
  return model.accumulate(batch).plan().workspace_bytes();
}

// The number behind "about" in a message.
std::int64_t suggested_batch(const std::string& said) {
  const std::string mark = "a batch of about ";
  const std::size_t at = said.find(mark);
  return at == std::string::npos ? 0 : std::stoll(said.substr(at + mark.size()));
}

TEST(VulkanMemory, ThatDoesNotSufficeNamesTheBatchThatWouldFit) {
  TRINE_NEEDS_VULKAN();
  const std::int64_t wanted = workspace_bytes(kBatch);
  OwnDevice own(with_memory(wanted * 6 / 10));
  dmd::DeviceModel model(own.backend(), small_run::config());
  model.allocate_training_state();
  const std::string said = error_of([&] { model.accumulate(kBatch); });
  EXPECT_THAT(said, AllOf(HasSubstr("accumulate with a batch of 64"),
                          HasSubstr(fmt::format("needs {:.1f} MiB", wanted / 1048576.0)),
                          HasSubstr(fmt::format("has {:.1f} MiB", (wanted * 6 / 10) / 1048576.0)),
                          HasSubstr("choose another device")));
  // The parameters and their moments lie in the same memory.
  const std::int64_t fits = suggested_batch(said);
  EXPECT_GT(fits, kBatch / 4);
  EXPECT_LE(fits, kBatch * 6 / 10);
  EXPECT_LE(workspace_bytes(fits), wanted * 6 / 10);
}

TEST(VulkanMemory, TooSmallForAnyBatchIsSaid) {
  TRINE_NEEDS_VULKAN();
  const dmd::DeviceModel planned(open_device("null"), small_run::config());
  OwnDevice own(with_memory(planned.parameters().arena_size() * 4 + 1024));
  dmd::DeviceModel model(own.backend(), small_run::config());
  EXPECT_THAT(error_of([&] { model.predict(kBatch); }), HasSubstr("not even a batch of 1 would"));
}

// The driver knows of other programs' memory; we do not.
TEST(VulkanMemory, ThatTheDriverRefusesIsGuessedAsHalf) {
  TRINE_NEEDS_VULKAN();
  OwnDevice own;
  dmd::DeviceModel model(own.backend(), small_run::config());
  model.allocate_training_state();
  intercept<&DeviceApi::vkAllocateMemory>(own,
                                          [](VkResult) { return VK_ERROR_OUT_OF_DEVICE_MEMORY; });
  const std::string said = error_of([&] { model.accumulate(kBatch); });
  EXPECT_EQ(suggested_batch(said), kBatch / 2) << said;
}

// Waits as ever, but after `healthy` waits says that the device was lost.
void lose_after(OwnDevice& own, int healthy) {
  intercept<&DeviceApi::vkWaitForFences>(own, [left = healthy](VkResult result) mutable {
    return left-- > 0 ? result : VK_ERROR_DEVICE_LOST;
  });
  intercept<&DeviceApi::vkGetFenceStatus>(own, [](VkResult) { return VK_ERROR_DEVICE_LOST; });
}

TEST(VulkanLoss, NamesTheStepsAndLeavesTheLastCheckpoint) {
  TRINE_NEEDS_VULKAN();
  const TemporaryFolder scratch;
  const small_run::RunFolder folder{scratch / "run"};
  const small_run::Dataset data = small_run::data();
  OwnDevice own;
  dmd::DeviceModel model(own.backend(), small_run::config());
  dmd::Trainer trainer = dmd::Trainer::begin(model, data, folder);
  // Lost in the second epoch, when the first has been saved.
  int batches = 0;
  const auto lose_late = [&] {
    if (++batches == 6) lose_after(own, 0);
    return false;
  };
  const std::string said = error_of([&] { small_run::run(trainer, lose_late); });
  EXPECT_THAT(said,
              ContainsRegex("lost while 'accumulate batch 8' ran steps 0 \\(.+ in .+\\) to "));
  EXPECT_THAT(said, HasSubstr("The last checkpoint is intact"));
  EXPECT_EQ(dmd::training_state_of(dmd::read_checkpoint(folder.last())).epoch, 2);
  EXPECT_EQ(small_run::resume(folder), dmd::Ending::all_epochs);
}

}  // namespace
}  // namespace trine
