#include "engine/passes/plan_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/layer_norm.h"
#include "engine/ops/matmul.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"
#include "engine/passes/autodiff.h"
#include "engine/passes/graph_passes.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::Contains;
using testing::ElementsAre;

Plan fused(const Graph& graph) {
  Plan plan = lower(simplify(graph), "test");
  fuse(plan, cpu_fusion());
  return plan;
}

TEST(Fuse, MakesAChainOneStep) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6}), row = f32_input(graph, "row", {6});
  graph.fetch("y", tanh(exp(x) * row + 1.0f));
  EXPECT_THAT(kernels(fused(graph)), ElementsAre("exp+multiply+add+tanh"));
}

// A device whose reductions take nothing, and one whose kernels hold a single instruction.
TEST(Fuse, JoinsOnlyWhatTheDeviceTakes) {
  Graph graph;
  graph.fetch("y", exp(sum(square(f32_input(graph, "x", {4, 6})))));
  Plan whole = lower(simplify(graph), "test"), plain = whole;
  fuse(whole, cpu_fusion());
  fuse(plain, Fusion{});
  EXPECT_EQ(whole.steps.size(), 1u);
  EXPECT_EQ(plain.steps.size(), 3u);

  Graph chain;
  chain.fetch("y", exp(square(f32_input(chain, "x", {4}))));
  Plan narrow = lower(simplify(chain), "test");
  fuse(narrow, {.most_instrs = 1});
  EXPECT_EQ(narrow.steps.size(), 2u);
}

TEST(Fuse, StoresAValueThatOthersReadToo) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  const Tensor shared = exp(x);
  graph.fetch("y", shared + 1.0f);
  graph.fetch("product", matmul(shared, transpose(shared)));
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("exp+add", "matmul"));
  EXPECT_EQ(plan.steps[0].members[0].outputs.size(), 2u) << to_string(plan);
}

TEST(Fuse, StoresAFetchedValue) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {5});
  const Tensor inner = exp(x);
  graph.fetch("inner", inner);
  graph.fetch("outer", negate(inner));
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("exp+negate"));
  EXPECT_EQ(plan.steps[0].members[0].outputs.size(), 2u);
}

TEST(Fuse, EndsAProductWithAnEpilogue) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6}), w = f32_input(graph, "w", {6, 3});
  const Tensor bias = f32_input(graph, "bias", {3});
  graph.fetch("y", relu(matmul(x, w) + bias));
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("matmul+add+relu"));
  EXPECT_EQ(plan.steps[0].op_inputs, 2);
  EXPECT_EQ(plan.steps[0].members[0].inputs.size(), 3u);
}

TEST(Fuse, SurroundsAReductionWithPrologueAndEpilogue) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("length", sqrt(sum(square(x), {1}) + 1e-6f));
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("reduce_sum+add+sqrt"));
  EXPECT_EQ(to_string(plan.steps[0].prologue), "r1 = square(r0); store r1");
}

TEST(Fuse, LeavesRandomDrawsOutOfPrologues) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("y", sum(dropout(x, 0.5), {0}));
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("random+keep", "reduce_sum"));
  EXPECT_TRUE(plan.steps[1].prologue.empty());
}

TEST(Fuse, EndsTheGradientOfLayerNormWithAnEpilogue) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  const Tensor y = x + layer_norm(x, f32_input(graph, "w", {6}), f32_input(graph, "b", {6}));
  const Tensor wrt[] = {x};
  graph.fetch("dx", vector_jacobian({y}, {f32_input(graph, "g", {4, 6})}, wrt)[0]);
  EXPECT_THAT(kernels(fused(graph)), Contains("layer_norm_grad+add"));
}

TEST(Fuse, UpdatesAStateInPlace) {
  Graph graph;
  const Tensor s = state(graph, "s", 0, {8});
  assign(s, s * 0.5f + 1.0f);
  const Plan plan = fused(graph);
  ASSERT_THAT(kernels(plan), ElementsAre("multiply+add"));
  EXPECT_EQ(plan.steps[0].members[0].inputs[0], plan.steps[0].members[0].outputs[0]);
}

// As an optimizer with several rates does: what one stretch writes is not what another reads.
TEST(Fuse, UpdatesStretchesOfStatesInPlace) {
  Graph graph;
  for (const std::int64_t offset : {0, 64, 128}) {
    const Tensor s = state(graph, "s", offset, {8}), t = state(graph, "t", offset, {8});
    const Tensor moved = s * 0.5f + t;
    assign(s, moved);
    assign(t, exp(moved));
  }
  Plan plan = fused(graph);
  EXPECT_THAT(kernels(plan), testing::Each("multiply+add+exp"));
  EXPECT_EQ(plan.steps.size(), 3u);
  for (const Step& step : plan.steps) EXPECT_EQ(step.members[0].outputs.size(), 2u);
  EXPECT_NO_THROW(schedule(plan));
}

TEST(Fuse, DoesNotUpdateInPlaceWhatItReadsElsewhere) {
  Graph graph;
  const Tensor head = state(graph, "s", 0, {4}), shifted = state(graph, "s", 1, {4});
  assign(head, exp(shifted));
  EXPECT_THAT(kernels(fused(graph)), ElementsAre("exp", "copy"));
}

// One state can be written straight from the other; the other needs a copy of what was overwritten.
TEST(Fuse, SwapsTwoStatesThroughACopy) {
  Graph graph;
  const Tensor a = state(graph, "a", 0, {4}), b = state(graph, "b", 0, {4});
  assign(a, b);
  assign(b, a);
  Plan plan = fused(graph);
  EXPECT_THAT(kernels(plan), ElementsAre("copy", "copy", "copy"));
  EXPECT_NO_THROW(schedule(plan));
  EXPECT_EQ(plan.waves, 3) << to_string(plan);
}

nn::ParameterStore one_layer(Graph& graph) {
  nn::ParameterStore store;
  nn::Capture capture(graph, store, nn::Mode::training);
  const Tensor x = f32_input(graph, "x", {7, 5});
  const Tensor loss = sum(square(nn::linear(capture, "fc", x, 3)));
  optim::accumulate_gradients(capture, loss,
                              [](Tensor g) { return optim::clip_by_value(g, 0.6f); });
  return store;
}

TEST(Fuse, ClipsGradientsAtTheEndOfTheirProducts) {
  Graph graph;
  one_layer(graph);
  const Plan plan = fused(graph);
  EXPECT_THAT(kernels(plan), Contains("matmul+add+clamp"));
  EXPECT_THAT(kernels(plan), Contains("reduce_sum+add+clamp"));
}

TEST(Fuse, MakesAdamOneKernelOverTheArena) {
  Graph accumulate, apply;
  nn::ParameterStore store = one_layer(accumulate);
  nn::Capture capture(apply, store, nn::Mode::training);
  optim::adam(capture);
  const Plan plan = fused(apply);
  int over_the_arena = 0;
  for (const Step& step : plan.steps)
    over_the_arena += count(step.members[0].outputs[0].type.shape) == store.arena_size();
  EXPECT_EQ(over_the_arena, 1) << to_string(plan);
}

}  // namespace
}  // namespace trine
