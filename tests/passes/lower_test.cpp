#include "engine/passes/plan_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/movement.h"
#include "engine/ops/softmax.h"
#include "engine/ops/views.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::ElementsAre;

TEST(Lower, TurnsViewsIntoLayouts) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  const Tensor viewed = reshape(transpose(slice(x, 1, 2, 6, 2)), {2, 2, 2});
  graph.fetch("y", exp(viewed));
  const Plan plan = lower(graph, "views");
  ASSERT_THAT(kernels(plan), ElementsAre("exp"));
  const Operand& read = plan.steps[0].members[0].inputs[0];
  EXPECT_EQ(read.buffer, plan.feeds[0].operand.buffer);
  EXPECT_EQ(read.offset, 2);
  EXPECT_EQ(read.strides, (Strides{2, 12, 6}));
}

TEST(Lower, BroadcastsByStridesOfZero) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6}), row = f32_input(graph, "row", {6});
  graph.fetch("y", x + row);
  const Plan plan = lower(graph, "broadcast");
  ASSERT_THAT(kernels(plan), ElementsAre("add"));
  EXPECT_EQ(plan.steps[0].members[0].inputs[1].strides, (Strides{0, 1}));
}

TEST(Lower, CopiesWhereNoStridesExpressAView) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("y", exp(reshape(transpose(x), {24})));
  EXPECT_THAT(kernels(lower(graph, "flattened")), ElementsAre("copy", "exp"));
}

TEST(Lower, CopiesOnlyForKernelsThatRefuseALayout) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("product", matmul(transpose(x), x));
  graph.fetch("weights", softmax(transpose(x)));
  EXPECT_THAT(kernels(lower(graph, "layouts")), ElementsAre("matmul", "copy", "softmax"));
}

TEST(Lower, LeavesOutViewsThatNothingReads) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  reshape(transpose(x), {24});
  concat({x, x}, 0);
  graph.fetch("y", exp(x));
  EXPECT_THAT(kernels(lower(graph, "unused")), ElementsAre("exp"));
}

TEST(Lower, MakesAConcatOneStepWithAMemberAPart) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 2}), y = f32_input(graph, "y", {4, 3});
  graph.fetch("joined", concat({x, y, x}, 1));
  const Plan plan = lower(graph, "joined");
  ASSERT_EQ(plan.steps.size(), 1u);
  std::vector<std::int64_t> places;
  for (const Member& member : plan.steps[0].members) {
    places.push_back(member.outputs[0].offset);
    EXPECT_EQ(member.outputs[0].strides, (Strides{7, 1}));
  }
  EXPECT_THAT(places, ElementsAre(0, 2, 5));
}

TEST(Lower, JoinsPartsOfPartsFromWhereTheyLie) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 2}), y = f32_input(graph, "y", {4, 3});
  const Tensor row = concat({x, y}, 1);
  graph.fetch("rows", concat({unsqueeze(row, 1), unsqueeze(concat({y, x}, 1), 1)}, 1));
  const Plan plan = lower(graph, "nested");
  ASSERT_EQ(plan.steps.size(), 1u) << to_string(plan);
  EXPECT_EQ(plan.steps[0].members.size(), 4u);
}

TEST(Lower, InlinesFillsAsConstants) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("y", x * fill(graph, {3}, 2.5f));
  const Plan plan = lower(graph, "scaled");
  ASSERT_EQ(plan.steps.size(), 1u);
  const Member& member = plan.steps[0].members[0];
  EXPECT_EQ(member.inputs.size(), 1u);
  EXPECT_THAT(member.scalars, ElementsAre(scalar_bits(2.5f)));
}

TEST(Lower, RepeatsOneElementWhereAFillMustLieInMemory) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("y", matmul(x, fill(graph, {6, 1}, 1.0f)));
  const Plan plan = lower(graph, "column of ones");
  const Member& fill = step_named(plan, "fill").members[0];
  EXPECT_EQ(count(fill.outputs[0].type.shape), 1);
}

TEST(Lower, ReadsAnOperandUsedTwiceOnce) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("y", x * x);
  EXPECT_EQ(lower(graph, "square").steps[0].members[0].inputs.size(), 1u);
}

TEST(Lower, WritesStatesLast) {
  Graph graph;
  const Tensor s = state(graph, "s", 0, {3});
  assign(s, exp(s));
  graph.fetch("old", negate(s));
  const Plan plan = lower(graph, "update");
  ASSERT_THAT(kernels(plan), ElementsAre("exp", "negate", "copy"));
  EXPECT_EQ(
      plan.buffers[static_cast<std::size_t>(plan.steps.back().members[0].outputs[0].buffer)].kind,
      BufferKind::state);
}

TEST(Lower, FetchesACopyOfAStateAndNotTheState) {
  Graph graph;
  graph.fetch("now", state(graph, "s", 0, {3}));
  const Plan plan = lower(graph, "read");
  const auto buffer = static_cast<std::size_t>(plan.fetches[0].operand.buffer);
  EXPECT_EQ(plan.buffers[buffer].kind, BufferKind::value);
}

}  // namespace
}  // namespace trine
