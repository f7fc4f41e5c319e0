// Programs on the emulated device beyond what conformance covers: guards, segmented reductions,
// states in place, equal bits run to run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/cuda/program.h"
#include "backends/registry.h"
#include "engine/error.h"
#include "tests/cuda/capturing_machine.h"
#include "tests/cuda/examples.h"

namespace trine::cuda {
namespace {

std::uint32_t word_at(const Machine& machine, Address address) {
  std::uint32_t word = 0;
  machine.download(address, std::as_writable_bytes(std::span(&word, 1)));
  return word;
}

TEST(Workspace, WritesBeyondItsEndsAreNoticed) {
  constexpr std::int64_t kBytes = 256;
  const auto machine = std::make_shared<CapturingMachine>();
  Workspace workspace(machine, kBytes, true);
  for (const std::int64_t outside : {std::int64_t{-4}, kBytes}) {
    workspace.poison();
    EXPECT_NO_THROW(workspace.check("inside"));
    EXPECT_EQ(word_at(*machine, workspace.address()), 0x7FC00000u);
    machine->fill(workspace.address() + static_cast<Address>(outside), 1, 1);
    EXPECT_THROW(workspace.check("outside"), Error);
  }
}

// A long sum with one result takes two launches, the second in a later stage.
TEST(Reduce, LongSumsAreCutIntoSegments) {
  Graph graph;
  graph.fetch("y", sum(matrix(graph, "x", {300'000})));
  const CapturedProgram program(graph);
  ASSERT_EQ(program.launches().size(), 2u);
  EXPECT_GT(program.launches()[0].blocks, 16u);
  EXPECT_LT(program.launches()[0].stage, program.launches()[1].stage);
}

TEST(Reduce, SegmentsAddUp) {
  Graph graph;
  constexpr std::int64_t kCount = 300'001;
  const Tensor x = matrix(graph, "x", {kCount});
  graph.fetch("y", sum(x * 2.0f) + 1.0f);
  Session session(open_device("cuda-emulated"), {}, {.check_memory = true});
  Executable program = session.compile(graph, "long sum");
  std::vector<float> values(kCount, 0.25f);
  values.back() = 8.0f;
  program.feed("x", values);
  program.run({});
  EXPECT_EQ(program.fetch_scalar("y"), 300'000 * 0.5f + 17.0f);
}

TEST(Program, UpdatesAStateInPlaceWithTheStepsLearningRate) {
  Graph graph;
  const Tensor weights = state(graph, "weights", 0, {5});
  assign(weights, weights - learning_rate(graph) * matrix(graph, "gradient", {5}));
  Session session(open_device("cuda-emulated"));
  session.create_state("weights", 5);
  session.write_state("weights", 0, std::vector<float>{1, 2, 3, 4, 5});
  Executable program = session.compile(graph, "descend");
  program.feed("gradient", std::vector<float>{1, 1, 1, 1, 2});
  program.run({.step = 1, .learning_rate = 0.5f});
  program.run({.step = 2, .learning_rate = 0.25f});
  EXPECT_THAT(session.read_state("weights", 0, 5),
              testing::ElementsAre(0.25f, 1.25f, 2.25f, 3.25f, 3.5f));
}

TEST(Program, EqualRunsGiveEqualBitsAndAnotherSeedDoesNot) {
  Graph graph;
  kChain.capture(graph);
  Session session(open_device("cuda-emulated"));
  Executable program = session.compile(graph, "chain");
  program.feed("x", std::vector<float>(5 * 700, 0.125f));
  auto run = [&](std::uint64_t seed) {
    program.run({.seed = seed, .step = 1});
    return program.fetch("y");
  };
  const std::vector<float> first = run(1);
  EXPECT_EQ(first, run(1));
  EXPECT_NE(first, run(2));
}

TEST(Program, ProfilesEveryLaunchUnderItsStep) {
  Graph graph;
  graph.fetch("y", sum(matrix(graph, "x", {300'000})));
  Session session(open_device("cuda-emulated"));
  Executable program = session.compile(graph, "profiled");
  const std::vector<LaunchTime> times = program.profile({});
  ASSERT_EQ(times.size(), 2u);
  for (const LaunchTime& time : times) {
    EXPECT_EQ(time.step, 0);
    EXPECT_GT(time.microseconds, 0);
  }
}

TEST(Program, WideHeadsAreRefusedWithARemedy) {
  Step step;
  step.op = &find_op("attention");
  step.members.resize(1);
  step.members[0].inputs = {{0, 0, {DType::f32, {1, 4, 2, 200}}, dense_strides({1, 4, 2, 200})}};
  EXPECT_THAT(open_device("cuda-emulated")->unsupported(step),
              testing::AllOf(testing::HasSubstr("200 wide"), testing::HasSubstr("more heads")));
}

}  // namespace
}  // namespace trine::cuda
