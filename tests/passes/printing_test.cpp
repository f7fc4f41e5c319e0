// Plans are read by people: the printed form is kept as it is on purpose.
#include <gtest/gtest.h>

#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/views.h"
#include "engine/passes/lower.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

// Two heads of one layer, and a state that counts.
Graph small_graph() {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  for (const char* name : {"left", "right"}) {
    const Scope scope(graph, name);
    const std::int64_t offset = std::string_view(name) == "left" ? 0 : 32;
    const Tensor weight = state(graph, "weights", offset, {3, 6});
    graph.fetch(name, relu(matmul(x, transpose(weight)) + 0.5f));
  }
  const Tensor count = state(graph, "count", 0, {1});
  assign(count, count + 1.0f);
  return graph;
}

TEST(Printing, APlacedPlan) {
  EXPECT_EQ(to_string(compile_plan(small_graph(), "small")), R"()");
}

TEST(Printing, APlanBeforeMemory) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("y", exp(transpose(x)));
  EXPECT_EQ(to_string(lower(graph, "unplaced")), R"()");
}

TEST(Printing, AGraph) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  const Scope scope(graph, "layer");
  graph.fetch("y", exp(slice(x, 1, 2, 5)));
  EXPECT_EQ(to_string(graph), R"()");
}

TEST(Printing, AnExpression) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  graph.fetch("y", dropout(x * 2.0f, 0.5));
  const Plan plan = compile_plan(graph, "expression");
  EXPECT_EQ(to_string(plan.steps.at(0).body), R"()");
}

TEST(Printing, NamesFillsAndCopies) {
  Graph graph;
  assign(state(graph, "zeroed", 0, {4}), fill(graph, {4}, 0.0f));
  assign(state(graph, "copied", 0, {4}), f32_input(graph, "x", {4}));
  EXPECT_EQ(kernels(compile_plan(graph, "named")), (std::vector<std::string>{"fill", "copy"}));
}

TEST(Plan, CountsTheArithmeticOfProductsAndAttention) {
  Graph graph;
  graph.fetch("product", matmul(f32_input(graph, "a", {4, 6}), f32_input(graph, "b", {6, 5})));
  EXPECT_EQ(count_flops(compile_plan(graph, "product")), 2.0 * 4 * 6 * 5);
  Graph heads;
  const Tensor q = f32_input(heads, "q", {2, 6, 3, 5}), k = f32_input(heads, "k", {2, 7, 3, 5});
  heads.fetch("mixed", attention(q, k, k));
  EXPECT_EQ(count_flops(compile_plan(heads, "attention")), 4.0 * 2 * 6 * 3 * 5 * 7);
}

}  // namespace
}  // namespace trine
