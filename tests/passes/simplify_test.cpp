#include "engine/passes/graph_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/movement.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"
#include "tests/nn/host_values.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

// The simplified graph, after a check that it fetches what the graph fetches and leaves the states
// as the graph does.
Graph checked_simplify(Graph& graph, const Bindings& bindings = {}) {
  Graph simple = simplify(graph);
  Bindings before = bindings, after = bindings;
  const auto results = [](Graph& g, Bindings& b) {
    Tensors wanted;
    for (const NamedValue& f : g.fetches()) wanted.push_back(g.tensor(f.value));
    return evaluate(g, wanted, b);
  };
  const auto expected = results(graph, before), actual = results(simple, after);
  EXPECT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(actual[i].type, expected[i].type);
    EXPECT_THAT(actual[i].values, Pointwise(DoubleNear(1e-12), expected[i].values));
  }
  for (const auto& [name, values] : before.states)
    EXPECT_THAT(after.states.at(name), Pointwise(DoubleNear(1e-12), values)) << name;
  return simple;
}

Bindings with_input(const std::string& name, const Shape& shape, double phase = 0.3) {
  Bindings bindings;
  bindings.inputs[name] = wavy(shape, phase);
  return bindings;
}

TEST(Simplify, MergesEqualNodes) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("y", exp(x) + exp(x));
  const Graph simple = checked_simplify(graph, with_input("x", {3}));
  EXPECT_EQ(count_nodes(graph, "exp"), 2);
  EXPECT_EQ(count_nodes(simple, "exp"), 1);
}

TEST(Simplify, KeepsNodesApartThatDifferInAttributes) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {2, 3});
  graph.fetch("y", sum(x, {0}, true) + sum(x, {1}, true));
  EXPECT_EQ(count_nodes(checked_simplify(graph, with_input("x", {2, 3})), "reduce_sum"), 2);
}

TEST(Simplify, NeverMergesRandomDraws) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {64});
  graph.fetch("masks", dropout(x, 0.5) + dropout(x, 0.5));
  graph.fetch("draws", random_uniform(graph, {8}) - random_uniform(graph, {8}));
  const Graph simple = checked_simplify(graph, with_input("x", {64}));
  EXPECT_EQ(count_nodes(simple, "dropout"), 2);
  EXPECT_EQ(count_nodes(simple, "random_uniform"), 2);
}

TEST(Simplify, FoldsLiteralsAndFills) {
  Graph graph;
  const Tensor table = literal(graph, {3}, {1, 4, 9});
  graph.fetch("roots", sqrt(table) * fill(graph, {3}, 2.0f) + 1.0f);
  const Graph simple = checked_simplify(graph);
  EXPECT_EQ(simple.nodes().size(), 1u) << to_string(simple);
  EXPECT_EQ(count_nodes(simple, "literal"), 1);
}

TEST(Simplify, SumsAFillWithoutWritingIt) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  graph.fetch("y", x + sum(fill(graph, {6, 4}, 0.5f), {0}));
  EXPECT_EQ(count_nodes(checked_simplify(graph, with_input("x", {4})), "reduce_sum"), 0);
}

TEST(Simplify, DropsOperationsThatChangeNothing) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {2, 6});
  const Tensor same = stop_gradient((1.0f * x * 1.0f + 0.0f - 0.0f) / 1.0f);
  graph.fetch("y", reshape(transpose(transpose(reshape(reshape(same, {12}), {2, 6}))), {3, 4}));
  const Graph simple = checked_simplify(graph, with_input("x", {2, 6}));
  EXPECT_EQ(simple.nodes().size(), 2u) << to_string(simple);
}

TEST(Simplify, ComposesPermutations) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {2, 3, 4});
  graph.fetch("y", permute(permute(x, {1, 2, 0}), {1, 0, 2}));
  EXPECT_EQ(count_nodes(checked_simplify(graph, with_input("x", {2, 3, 4})), "permute"), 1);
}

TEST(Simplify, RemovesWhatNothingNeeds) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  tanh(exp(x));
  graph.fetch("y", negate(x));
  const Graph simple = checked_simplify(graph, with_input("x", {3}));
  EXPECT_EQ(simple.nodes().size(), 2u) << to_string(simple);
}

TEST(Simplify, KeepsInputsFetchesAndAssigns) {
  Graph graph;
  f32_input(graph, "unused", {3});
  const Tensor weight = state(graph, "weights", 0, {2});
  assign(weight, weight * 0.5f);
  graph.fetch("first", weight);
  graph.fetch("second", weight);
  Bindings bindings = with_input("unused", {3});
  bindings.states["weights"] = {3.0, 5.0};
  const Graph simple = checked_simplify(graph, bindings);
  EXPECT_EQ(count_nodes(simple, "input"), 1);
  EXPECT_EQ(count_nodes(simple, "assign"), 1);
  EXPECT_EQ(simple.fetches().size(), 2u);
}

TEST(Simplify, ComputesATransposedProductAsItIsWanted) {
  Graph graph;
  const Tensor a = f32_input(graph, "a", {2, 5, 3}), b = f32_input(graph, "b", {2, 4, 3});
  graph.fetch("y", transpose(matmul(a, transpose(b))));
  Bindings bindings = with_input("a", {2, 5, 3});
  bindings.inputs["b"] = wavy({2, 4, 3}, 1.1);
  const Graph simple = checked_simplify(graph, bindings);
  EXPECT_EQ(simple.node(simple.fetches()[0].value.node).op->name, "matmul") << to_string(simple);
  EXPECT_EQ(count_nodes(simple, "permute"), 1);  // of a; b is used as it lies
}

TEST(Simplify, DoesNotComputeAProductTwiceToTransposeIt) {
  Graph graph;
  const Tensor a = f32_input(graph, "a", {5, 3});
  const Tensor product = matmul(a, transpose(a));
  graph.fetch("plain", product);
  graph.fetch("transposed", transpose(product));
  EXPECT_EQ(count_nodes(checked_simplify(graph, with_input("a", {5, 3})), "matmul"), 1);
}

TEST(Simplify, JoinsNeighbouringRunsAmongZeros) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {6, 2});
  const Tensor q = slice(x, 0, 0, 2), k = slice(x, 0, 2, 5), v = slice(x, 0, 5, 6);
  graph.fetch("y", spread(exp(v), 0, 5, 1, 6) + spread(k, 0, 2, 1, 6) + spread(q, 0, 0, 1, 6));
  const Graph simple = checked_simplify(graph, with_input("x", {6, 2}));
  EXPECT_EQ(count_nodes(simple, "spread"), 0) << to_string(simple);
  EXPECT_EQ(count_nodes(simple, "concat"), 1);
}

TEST(Simplify, LeavesRunsThatOverlapOrLieApart) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {2, 3});
  graph.fetch("overlap", spread(x, 1, 0, 1, 9) + spread(exp(x), 1, 2, 1, 9));
  graph.fetch("apart", spread(x, 1, 0, 1, 9) + spread(exp(x), 1, 5, 1, 9));
  graph.fetch("strided", spread(x, 1, 0, 2, 9) + spread(exp(x), 1, 5, 1, 9));
  EXPECT_EQ(count_nodes(checked_simplify(graph, with_input("x", {2, 3})), "concat"), 0);
}

// The gradient of a weight that is used in blocks, added to what the state holds and clipped.
TEST(Simplify, SplitsAnAssignOfJoinedRows) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3, 2});
  const Tensor total = state(graph, "gradients", 16, {6, 2});
  assign(total, clamp(total + concat({exp(x), x}, 0), -1.0f, 1.0f));
  Bindings bindings = with_input("x", {3, 2});
  bindings.states["gradients"] = wavy({32}, 0.9).values;
  const Graph simple = checked_simplify(graph, bindings);
  EXPECT_EQ(count_nodes(simple, "assign"), 2) << to_string(simple);
  EXPECT_EQ(count_nodes(simple, "concat"), 0);
}

TEST(Simplify, DoesNotComputeTwiceToSplitAnAssign) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3, 2});
  const Tensor total = state(graph, "gradients", 0, {6, 2});
  const Tensor updated = total + concat({exp(x), x}, 0);
  assign(total, updated);
  graph.fetch("updated", updated);
  Bindings bindings = with_input("x", {3, 2});
  bindings.states["gradients"] = wavy({12}, 0.9).values;
  EXPECT_EQ(count_nodes(checked_simplify(graph, bindings), "assign"), 1);
}

}  // namespace
}  // namespace trine
