// Plans are read by people: the printed form is kept as it is on purpose.
#include <gtest/gtest.h>

#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/random.h"
#include "engine/ops/views.h"
#include "engine/passes/plan_passes.h"
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
  EXPECT_EQ(
      to_string(planned(small_graph(), "small")),
      R"(program small    20 nodes -> 2 launches in 1 waves    arena 0.0 MiB  (unplanned 0.0)    0.00 GFLOP
wave   0  matmul+add+relu  x2 members  inputs[4,6]  weights[6,3]'  ->  workspace[4,3]  # left
wave   0  add  count[1]  ->  count[1]
feed x  inputs[4,6]
fetch left  workspace[4,3]
fetch right  workspace+0x100[4,3]
)");
}

TEST(Printing, APlanBeforeMemory) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("y", exp(transpose(x)));
  EXPECT_EQ(
      to_string(lower(graph, "unplaced")),
      R"(program unplaced    3 nodes -> 1 launches in 0 waves    arena 0.0 MiB  (unplanned 0.0)    0.00 GFLOP
wave   0  exp  inputs[6,4]'  ->  %1:exp[6,4]
feed x  inputs[4,6]
fetch y  %1:exp[6,4]
)");
}

TEST(Printing, AGraph) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  const Scope scope(graph, "layer");
  graph.fetch("y", exp(slice(x, 1, 2, 5)));
  EXPECT_EQ(to_string(graph), R"(%0 = f32(4, 6) input  [dtype=0 name=x shape=(4, 6)]
%1 = f32(4, 3) slice %0  [axis=1 start=2 step=1 stop=5]  # layer
%2 = f32(4, 3) exp %1  # layer
fetch y = %2.0
)");
}

TEST(Printing, AnExpression) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  graph.fetch("y", dropout(x * 2.0f, 0.5));
  const Plan plan = planned(graph, "expression");
  EXPECT_EQ(to_string(plan.steps.at(0).body),
            "r1 = s0; r2 = multiply(r0, r1); r3 = random(s1); r4 = s2; r5 = keep(r2, r3, r4); "
            "store r5");
}

TEST(Printing, NamesFillsAndCopies) {
  Graph graph;
  assign(state(graph, "zeroed", 0, {4}), fill(graph, {4}, 0.0f));
  assign(state(graph, "copied", 0, {4}), f32_input(graph, "x", {4}));
  EXPECT_EQ(kernels(planned(graph, "named")), (std::vector<std::string>{"fill", "copy"}));
}

TEST(Plan, CountsTheArithmeticOfProductsAndAttention) {
  Graph graph;
  graph.fetch("product", matmul(f32_input(graph, "a", {4, 6}), f32_input(graph, "b", {6, 5})));
  EXPECT_EQ(count_flops(planned(graph, "product")), 2.0 * 4 * 6 * 5);
  Graph heads;
  const Tensor q = f32_input(heads, "q", {2, 6, 3, 5}), k = f32_input(heads, "k", {2, 7, 3, 5});
  heads.fetch("mixed", attention(q, k, k));
  EXPECT_EQ(count_flops(planned(heads, "attention")), 4.0 * 2 * 6 * 3 * 5 * 7);
}

}  // namespace
}  // namespace trine
