#include "engine/passes/plan_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

// The numbers of members of the launches of `kernel`.
std::vector<std::size_t> members_of(const Plan& plan, std::string_view kernel) {
  std::vector<std::size_t> members;
  for (const Step& step : plan.steps)
    if (kernel_name(step) == kernel) members.push_back(step.members.size());
  return members;
}

Plan batched(const Graph& graph) { return planned(graph, "test"); }

using testing::ElementsAre;

TEST(Batch, MergesProductsOfDifferentExtents) {
  Graph graph;
  for (const std::int64_t rows : {46, 50, 48}) {
    const std::string name = fmt::format("{}", rows);
    const Tensor x = f32_input(graph, "x" + name, {rows, 30});
    graph.fetch("y" + name, relu(matmul(x, f32_input(graph, "w" + name, {30, 20}))));
  }
  EXPECT_THAT(members_of(batched(graph), "matmul+relu"), ElementsAre(3u));
}

TEST(Batch, MergesDropoutOfDifferentRates) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {9});
  graph.fetch("a", dropout(x, 0.2));
  graph.fetch("b", dropout(x, 0.5));
  const Plan plan = batched(graph);
  ASSERT_THAT(members_of(plan, "random+keep"), ElementsAre(2u));
  EXPECT_NE(plan.steps[0].members[0].scalars, plan.steps[0].members[1].scalars);
}

Tensor attend(Graph& graph, const std::string& name, std::int64_t keys,
              std::optional<std::int64_t> causal_offset, double rate) {
  const Tensor q = f32_input(graph, name + "q", {2, 6, 3, 5});
  const Tensor k = f32_input(graph, name + "k", {2, keys, 3, 5});
  const Tensor mixed =
      attention(q, k, k, {.causal_offset = causal_offset, .dropout = rate, .key_mask = {}});
  graph.fetch(name, mixed);
  return mixed;
}

TEST(Batch, MergesAttentionOfDifferentLengthsOffsetsAndRates) {
  Graph graph;
  attend(graph, "a", 6, 0, 0.3);
  attend(graph, "b", 9, 3, 0.0);
  attend(graph, "c", 4, 2, 0.2);
  EXPECT_THAT(members_of(batched(graph), "attention"), ElementsAre(3u));
}

TEST(Batch, KeepsCausalAndFullAttentionApart) {
  Graph graph;
  attend(graph, "causal", 6, 0, 0.0);
  attend(graph, "full", 6, std::nullopt, 0.0);
  EXPECT_THAT(members_of(batched(graph), "attention"), ElementsAre(1u, 1u));
}

TEST(Batch, KeepsOtherAxesApart) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4, 6});
  graph.fetch("rows", sum(x, {1}));
  graph.fetch("columns", sum(x, {0}));
  EXPECT_THAT(members_of(batched(graph), "reduce_sum"), ElementsAre(1u, 1u));
}

TEST(Batch, KeepsWavesApart) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {6, 6});
  graph.fetch("cube", matmul(matmul(x, x), x));
  EXPECT_THAT(members_of(batched(graph), "matmul"), ElementsAre(1u, 1u));
}

TEST(Batch, LosesNoMember) {
  Graph graph;
  for (int i = 0; i < 5; ++i) attend(graph, fmt::format("head{}", i), 6 + i, i, 0.1 * i);
  EXPECT_EQ(count_members(batched(graph)),
            count_members(planned(graph, "test", PassOptions::parse("-batch"))));
}

}  // namespace
}  // namespace trine
