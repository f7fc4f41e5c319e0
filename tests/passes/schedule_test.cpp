#include "engine/passes/plan_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "tests/support/errors.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::HasSubstr;

Plan scheduled(const Graph& graph) {
  Plan plan = lower(graph, "test");
  schedule(plan);
  return plan;
}

// Every step runs in a later wave than all that it waits for.
void expect_in_order(const Plan& plan) {
  const std::vector<std::vector<int>> before = dependencies(plan);
  for (std::size_t i = 0; i < before.size(); ++i)
    for (const int b : before[i])
      EXPECT_LT(plan.steps[static_cast<std::size_t>(b)].wave, plan.steps[i].wave)
          << to_string(plan);
}

TEST(Schedule, HasAsManyWavesAsTheLongestChain) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("long", exp(tanh(sqrt(x))));
  graph.fetch("short", sin(x));
  const Plan plan = scheduled(graph);
  EXPECT_EQ(plan.waves, 3);
  expect_in_order(plan);
}

TEST(Schedule, SortsStepsByWave) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("a", exp(exp(x)));
  graph.fetch("b", tanh(tanh(tanh(x))));
  const Plan plan = scheduled(graph);
  EXPECT_TRUE(std::ranges::is_sorted(plan.steps, {}, &Step::wave));
  std::size_t in_waves = 0;
  for (int wave = 0; wave < plan.waves; ++wave) in_waves += plan.wave(wave).size();
  EXPECT_EQ(in_waves, plan.steps.size());
}

// One chain is a step longer in front; from there on both do the same, and should do it together.
TEST(Schedule, LetsAStepWaitForAnotherOfItsKind) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3}), y = f32_input(graph, "y", {3});
  graph.fetch("a", tanh(exp(x)));
  graph.fetch("b", tanh(exp(sqrt(y))));
  const Plan plan = scheduled(graph);
  EXPECT_EQ(plan.waves, 3);
  EXPECT_EQ(plan.wave(0).size(), 1u) << to_string(plan);
  EXPECT_EQ(plan.wave(1).size(), 2u);
  EXPECT_EQ(plan.wave(2).size(), 2u);
}

TEST(Schedule, DoesNotWaitForLongWithoutCompany) {
  Graph graph;
  Tensor chain = f32_input(graph, "x", {3});
  graph.fetch("aside", exp(chain));
  for (int i = 0; i < 100; ++i) chain = tanh(chain);
  graph.fetch("end", chain);
  EXPECT_LT(step_named(scheduled(graph), "exp").wave, 50);
}

TEST(Schedule, WritesAStateAfterItsReaders) {
  Graph graph;
  const Tensor s = state(graph, "s", 0, {6}), tail = state(graph, "s", 4, {2});
  const Tensor x = f32_input(graph, "x", {6});
  assign(s, x);
  graph.fetch("old", exp(exp(exp(tail))));
  const Plan plan = scheduled(graph);
  expect_in_order(plan);
  const Step& write = step_named(plan, "copy");
  const Step& read = step_named(plan, "exp");
  EXPECT_GT(write.wave, read.wave) << to_string(plan);
}

TEST(Schedule, LetsWindowsThatDoNotMeetRunTogether) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  assign(state(graph, "s", 0, {4}), x);
  graph.fetch("other", exp(state(graph, "s", 4, {4})));
  EXPECT_EQ(scheduled(graph).waves, 1);
}

TEST(Schedule, RefusesToAssignAnElementTwice) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  assign(state(graph, "moments", 0, {4}), x);
  assign(state(graph, "moments", 3, {4}), x);
  EXPECT_THAT(error_of([&] { scheduled(graph); }),
              HasSubstr("'moments' is written twice at byte 12"));
}

// Steps that wait for each other cannot be captured; a pass that made them is caught.
TEST(Schedule, RefusesStepsThatWaitForEachOther) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  graph.fetch("y", exp(tanh(x)));
  Plan plan = lower(graph, "circle");
  plan.steps[0].members[0].inputs[0] = plan.steps[1].members[0].outputs[0];
  EXPECT_THAT(error_of([&] { schedule(plan); }),
              HasSubstr("2 of 2 steps of 'circle' wait for each other"));
}

}  // namespace
}  // namespace trine
