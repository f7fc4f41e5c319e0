// What does not fit is refused with a sentence before anything runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/session.h"
#include "engine/error.h"
#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

using testing::HasSubstr;

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(VulkanLimits, AnAllocationBeyondTheDeviceSaysWhatThereIs) {
  TRINE_NEEDS_VULKAN();
  const std::string said =
      message_of([] { open_device("vulkan")->allocate(std::int64_t{1} << 46); });
  EXPECT_THAT(said, HasSubstr("needs 67108864.0 MiB"));
  EXPECT_THAT(said, HasSubstr("ask for less or choose another device"));
}

TEST(VulkanLimits, HeadsTooWideForSharedMemoryAreRefusedByName) {
  TRINE_NEEDS_VULKAN();
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {1, 2, 1, 8192}});
  graph.fetch("y", attention(x, x, x, {}));
  const std::string said = message_of([&] { session.compile(graph, "wide"); });
  EXPECT_THAT(said, HasSubstr("attention"));
  EXPECT_THAT(said, HasSubstr("heads of width 8192"));
}

TEST(VulkanLimits, ReductionsTooLongForOneWorkGroupAreRefused) {
  TRINE_NEEDS_VULKAN();
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {1 << 24}});
  graph.fetch("sum", sum(x));
  const std::string said = message_of([&] { session.compile(graph, "long"); });
  EXPECT_THAT(said, HasSubstr("16777216 elements are reduced to one result"));
  EXPECT_THAT(said, HasSubstr("reduce one axis after the other"));
}

TEST(VulkanLimits, ManyMoreWorkGroupsThanOneGridHoldsStillCoverEverything) {
  TRINE_NEEDS_VULKAN();
  // 70,000 groups of 256 invocations; grids hold 65,535 on many devices.
  constexpr std::int64_t kRows = 70000, kColumns = 256;
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {kRows, 1}});
  const Tensor y = broadcast_to(x, {kRows, kColumns}) + 1.0f;
  graph.fetch("sums", sum(y, {1}, false));
  graph.fetch("last column", slice(y, 1, kColumns - 1, kColumns));  // keeps y in memory
  Executable program = session.compile(graph, "many");
  std::vector<float> values(kRows), expected;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 97);
    expected.push_back(values[i] + 1.0f);
  }
  program.feed("x", values);
  program.run({});
  EXPECT_EQ(program.fetch("last column"), expected);
  for (float& e : expected) e *= kColumns;
  EXPECT_EQ(program.fetch("sums"), expected);
}

// Just above 128 MiB, all that some devices let a kernel see at once, lavapipe among them.
constexpr std::int64_t kBeyondRange = (std::int64_t{1} << 25) + 1000;

TEST(VulkanLimits, AnElementwiseStepBeyondTheRangeOfABufferIsCut) {
  TRINE_NEEDS_VULKAN();
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor x = state(graph, "x", 0, {kBeyondRange});
  assign(x, x * 3.0f + 1.0f);
  std::vector<float> values(kBeyondRange);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 8191);
  session.create_state("x", kBeyondRange);
  session.write_state("x", 0, values);
  session.compile(graph, "large").run({});
  for (float& value : values) value = value * 3.0f + 1.0f;
  EXPECT_EQ(session.read_state("x", 0, kBeyondRange), values);
}

TEST(VulkanLimits, AnOperandThatCannotBeCutIsRefusedWithARemedy) {
  TRINE_NEEDS_VULKAN();
  const std::int64_t range = OwnDevice::first().properties.limits.maxStorageBufferRange;
  if (range > std::int64_t{1} << 27)
    GTEST_SKIP() << "a kernel of this device sees " << range << " bytes";
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor x = state(graph, "x", 0, {kBeyondRange / 100, 100});
  graph.fetch("sums", sum(x, {1}, false));
  session.create_state("x", kBeyondRange);
  const std::string said = message_of([&] { session.compile(graph, "large"); });
  EXPECT_THAT(said, HasSubstr("has an operand f32(335554, 100) over 134221600 bytes"));
  EXPECT_THAT(said, HasSubstr("use a smaller one, else another device, such as the cpu"));
}

}  // namespace
}  // namespace trine
