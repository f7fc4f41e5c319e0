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
  EXPECT_THAT(said, HasSubstr("would fit"));
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

TEST(VulkanLimits, ManyMoreWorkGroupsThanOneGridHoldsStillCoverEverything) {
  TRINE_NEEDS_VULKAN();
  // 70,000 groups of 256 invocations; grids hold 65,535 on many devices.
  constexpr std::int64_t kElements = 70000 * 256;
  Session session(open_device("vulkan"));
  Graph graph;
  const Tensor one = fill(graph, {kElements}, 1.0f);
  const Tensor x = input(graph, "x", {DType::f32, {1}});
  graph.fetch("sum", sum(broadcast_to(x, {kElements}) + one, {}, false));
  Executable program = session.compile(graph, "many");
  program.feed("x", std::vector<float>{1.0f});
  program.run({});
  EXPECT_EQ(program.fetch_scalar("sum"), 2.0f * static_cast<float>(kElements));
}

}  // namespace
}  // namespace trine
