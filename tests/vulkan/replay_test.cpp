// A program that is replayed: it follows its inputs and parameters, and costs nothing more each
// time.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "tests/vulkan/child.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

constexpr std::int64_t kWidth = 8;

// w <- w - lr * (dropout(x) w' summed), with the mean as a result.
Executable compile_step(Session& session) {
  session.create_state("w", kWidth * kWidth);
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {kWidth, kWidth}});
  const Tensor w = state(graph, "w", 0, {kWidth, kWidth});
  const Tensor y = matmul(dropout(x, 0.25), w) + x;
  assign(w, w - learning_rate(graph) * y);
  graph.fetch("mean", mean(y, {}, false));
  return session.compile(graph, "step");
}

std::vector<float> inputs_of(int turn) {
  std::vector<float> x(kWidth * kWidth);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = 0.01f * static_cast<float>((static_cast<int>(i) * 7 + turn * 13) % 31) - 0.15f;
  return x;
}

struct Outcome {
  std::vector<float> means, weights;
};

Outcome replay(const std::string& device, int turns) {
  Session session(open_device(device));
  Executable step = compile_step(session);
  Outcome outcome;
  for (int turn = 0; turn < turns; ++turn) {
    step.feed("x", inputs_of(turn));
    step.run({.seed = 9,
              .step = static_cast<std::uint32_t>(turn + 1),
              .learning_rate = 0.02f / static_cast<float>(turn + 1)});
    outcome.means.push_back(step.fetch_scalar("mean"));
  }
  outcome.weights = session.read_state("w", 0, kWidth * kWidth);
  return outcome;
}

std::int64_t resident_pages() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident;
}

TEST(VulkanReplay, FollowsInputsRatesAndStepsAsTheProcessorDoes) {
  TRINE_NEEDS_VULKAN();
  const Outcome expected = replay("cpu", 5), actual = replay("vulkan", 5);
  for (std::size_t i = 0; i < expected.means.size(); ++i)
    EXPECT_NEAR(actual.means[i], expected.means[i], 1e-6) << i;
  for (std::size_t i = 0; i < expected.weights.size(); ++i)
    EXPECT_NEAR(actual.weights[i], expected.weights[i], 1e-6) << i;
}

TEST(VulkanReplay, IsBitwiseTheSameEachTime) {
  TRINE_NEEDS_VULKAN();
  const Outcome once = replay("vulkan", 4), again = replay("vulkan", 4);
  EXPECT_EQ(once.means, again.means);
  EXPECT_EQ(once.weights, again.weights);
}

// Counts every call that makes something on the device.
class Makings {
 public:
  explicit Makings(OwnDevice& device) {
    using vulkan::DeviceApi;
    count<&DeviceApi::vkAllocateMemory>(device);
    count<&DeviceApi::vkCreateBuffer>(device);
    count<&DeviceApi::vkMapMemory>(device);
    count<&DeviceApi::vkCreateCommandPool>(device);
    count<&DeviceApi::vkAllocateCommandBuffers>(device);
    count<&DeviceApi::vkCreateDescriptorPool>(device);
    count<&DeviceApi::vkAllocateDescriptorSets>(device);
    count<&DeviceApi::vkCreateFence>(device);
    count<&DeviceApi::vkCreateQueryPool>(device);
    count<&DeviceApi::vkCreateShaderModule>(device);
    count<&DeviceApi::vkCreateComputePipelines>(device);
  }

  int number() const { return number_; }

 private:
  template <auto Member>
  void count(OwnDevice& device) {
    intercept<Member>(device, [this](VkResult result) {
      ++number_;
      return result;
    });
  }

  int number_ = 0;
};

// Once with memory that the host shares, once staged, where feeds and fetches are copies.
void expect_replays_cost_nothing() {
  OwnDevice own;
  Makings makings(own);
  Session session(own.backend());
  Executable step = compile_step(session);
  auto run = [&](int turns) {
    for (int turn = 0; turn < turns; ++turn) {
      step.feed("x", inputs_of(turn));
      step.run({.seed = 1, .step = static_cast<std::uint32_t>(turn), .learning_rate = 0.0f});
      step.fetch_scalar("mean");
      session.read_state("w", 0, kWidth);
    }
  };
  run(100);  // what the allocators of the process and of the driver keep has been taken by then
  EXPECT_GT(makings.number(), 10) << "calls are not counted";
  const int made_before = makings.number();
  const std::int64_t before = resident_pages();
  run(1000);
  EXPECT_EQ(makings.number(), made_before) << "made on the device by 1000 replays";
  const std::int64_t grown = (resident_pages() - before) * sysconf(_SC_PAGESIZE);
  EXPECT_LT(grown, 256 * 1024) << "bytes after 1000 replays";
}

TEST(VulkanReplay, AThousandTimesAllocatesNothing) {
  TRINE_NEEDS_VULKAN();
  expect_replays_cost_nothing();
}

TEST(VulkanChild, DISABLED_AThousandTimesAllocatesNothing) { expect_replays_cost_nothing(); }

TEST(VulkanReplay, AThousandTimesAllocatesNothingStaged) {
  TRINE_NEEDS_VULKAN();
  const ChildResult result = run_child("VulkanChild.DISABLED_AThousandTimesAllocatesNothing",
                                       {{"TRINE_VULKAN_FORCE_STAGING", "1"}});
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(VulkanReplay, ProfilesEveryStep) {
  TRINE_NEEDS_VULKAN();
  Session session(open_device("vulkan"));
  Executable step = compile_step(session);
  step.feed("x", inputs_of(0));
  const std::vector<LaunchTime> times = step.profile({.seed = 1, .step = 1});
  ASSERT_GE(times.size(), step.plan().steps.size());
  for (const LaunchTime& time : times) {
    EXPECT_GE(time.step, 0);
    EXPECT_LT(time.step, static_cast<int>(step.plan().steps.size()));
    EXPECT_GE(time.microseconds, 0);
  }
}

TEST(VulkanChild, DISABLED_StagedReplay) {
  const Outcome expected = replay("cpu", 5), actual = replay("vulkan", 5);
  for (std::size_t i = 0; i < expected.means.size(); ++i)
    EXPECT_NEAR(actual.means[i], expected.means[i], 1e-6) << i;
  for (std::size_t i = 0; i < expected.weights.size(); ++i)
    EXPECT_NEAR(actual.weights[i], expected.weights[i], 1e-6) << i;
}

TEST(VulkanReplay, AgreesWhereEverythingIsStaged) {
  TRINE_NEEDS_VULKAN();
  const ChildResult result =
      run_child("VulkanChild.DISABLED_StagedReplay", {{"TRINE_VULKAN_FORCE_STAGING", "1"}});
  EXPECT_EQ(result.status, 0) << result.output;
}

}  // namespace
}  // namespace trine
