#include "engine/passes/plan_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/views.h"
#include "engine/passes/graph_passes.h"
#include "tests/support/dmd_programs.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

Plan unplaced(const Graph& graph) {
  Plan plan = lower(simplify(graph), "test");
  fuse(plan, cpu_fusion());
  schedule(plan);
  batch(plan);
  return plan;
}

// Calls visit(operand, wave) for every operand of the steps in order, then for every fetch.
template <class Visit>
void for_operands(const Plan& plan, Visit visit) {
  for (const Step& step : plan.steps)
    for (const Member& member : step.members) {
      for (const Operand& operand : member.inputs) visit(operand, step.wave);
      for (const Operand& operand : member.outputs) visit(operand, step.wave);
    }
  for (const Fetch& f : plan.fetches) visit(f.operand, plan.waves);
}

// A value of the unplaced plan: the waves in which it is needed, and the bytes that it was given.
struct Place {
  std::string name;
  int buffer = -1;
  int first = std::numeric_limits<int>::max(), last = -1;
  std::int64_t begin = 0, end = 0;

  bool collides(const Place& other) const {
    return first <= other.last && other.first <= last && begin < other.end && other.begin < end;
  }
};

std::vector<Place> places(const Plan& before, const Plan& after) {
  std::vector<Operand> placed;
  for_operands(after, [&](const Operand& operand, int) { placed.push_back(operand); });
  std::map<int, Place> found;
  std::size_t k = 0;
  for_operands(before, [&](const Operand& operand, int wave) {
    const Operand& now = placed[k++];
    const Buffer& buffer = before.buffers[static_cast<std::size_t>(operand.buffer)];
    if (buffer.kind != BufferKind::value) return;
    Place& place = found[operand.buffer];
    place.name = buffer.name;
    place.buffer = operand.buffer;
    place.first = std::min(place.first, wave);
    place.last = std::max(place.last, wave);
    place.begin = (now.offset - operand.offset) * size_of(operand.type.dtype);
    place.end = place.begin + buffer.bytes;
  });
  std::vector<Place> result;
  for (auto& [buffer, place] : found) result.push_back(place);
  return result;
}

// Whether `value` was computed in the place of `operand`, in the wave of its last use.
bool replaces(const std::vector<int>& replaced, const Place& value, const Place& operand) {
  return replaced[static_cast<std::size_t>(value.buffer)] == operand.buffer &&
         value.begin == operand.begin && value.end == operand.end && value.first == operand.last;
}

void expect_no_collision(const Plan& before, const Plan& after) {
  const std::vector<Place> all = places(before, after);
  const std::vector<int> replaced = find_replacements(before);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LE(all[i].end, after.workspace_bytes()) << all[i].name;
    EXPECT_EQ(all[i].begin % 256, 0) << all[i].name;
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_TRUE(!all[i].collides(all[j]) || replaces(replaced, all[i], all[j]) ||
                  replaces(replaced, all[j], all[i]))
          << all[i].name << " and " << all[j].name;
  }
}

class MemoryOf : public testing::TestWithParam<const char*> {};

TEST_P(MemoryOf, NeverSharesBytesBetweenLiveValues) {
  const Plan before = unplaced(dmd::accumulate_graph(GetParam(), 3));
  for (const bool reuse : {true, false}) {
    Plan after = before;
    place_values(after, reuse);
    expect_no_collision(before, after);
  }
}

TEST_P(MemoryOf, ReusesWhatIsNoLongerNeeded) {
  Plan plan = unplaced(dmd::accumulate_graph(GetParam(), 3));
  place_values(plan);
  EXPECT_LT(plan.workspace_bytes(), 0.7 * static_cast<double>(plan.unplanned_bytes));
}

INSTANTIATE_TEST_SUITE_P(Models, MemoryOf, testing::Values("tiny", "mosi", "mosei"));

TEST(Memory, TakesTwoPlacesForAChain) {
  Graph graph;
  Tensor x = f32_input(graph, "x", {64, 64});
  for (int i = 0; i < 10; ++i) x = matmul(x, transpose(x));
  graph.fetch("end", x);
  Plan plan = unplaced(graph);
  place_values(plan);
  EXPECT_EQ(plan.workspace_bytes(), 2 * 64 * 64 * 4);
  EXPECT_EQ(plan.unplanned_bytes, 10 * 64 * 64 * 4);
}

// How many values of f(product) may be written over their operands, when nothing is fused.
template <class F>
auto replacements(F f) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {64, 64});
  graph.fetch("end", matmul(x, f(matmul(x, x))));
  Plan plan = lower(simplify(graph), "test");
  schedule(plan);
  return std::ranges::count_if(find_replacements(plan), [](int buffer) { return buffer >= 0; });
}

TEST(Memory, ElementwiseStepsReplaceWhatTheyReadLast) {
  EXPECT_EQ(replacements([](Tensor p) { return tanh(exp(p)); }), 2);
  // Both read the product in one wave, so neither may replace it; their sum replaces one of them.
  EXPECT_EQ(replacements([](Tensor p) { return tanh(p) + exp(p); }), 1);
  // Some elements are not read where they are written.
  EXPECT_EQ(replacements([](Tensor p) { return p + transpose(p); }), 0);
}

TEST(Memory, KeepsFetchedValuesToTheEnd) {
  Graph graph;
  Tensor x = f32_input(graph, "x", {64, 64});
  for (int i = 0; i < 6; ++i) {
    x = matmul(x, x);
    graph.fetch(fmt::format("power{}", i), x);
  }
  Plan plan = unplaced(graph);
  place_values(plan);
  EXPECT_EQ(plan.workspace_bytes(), plan.unplanned_bytes);
}

TEST(Memory, LeavesOneWorkspaceAndTheBuffersOfTheWorld) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {4});
  const Tensor s = state(graph, "s", 0, {4});
  assign(s, exp(x) + s * learning_rate(graph));
  Plan plan = unplaced(graph);
  place_values(plan);
  std::map<BufferKind, int> kinds;
  for (const Buffer& buffer : plan.buffers) ++kinds[buffer.kind];
  EXPECT_EQ(kinds, (std::map<BufferKind, int>{{BufferKind::workspace, 1},
                                              {BufferKind::state, 1},
                                              {BufferKind::input, 1},
                                              {BufferKind::step, 1}}));
}

}  // namespace
}  // namespace trine
