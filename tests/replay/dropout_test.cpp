// Dropout under replay: masks change with the step and with the seed, and come back with equal
// ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/passes/autodiff.h"
#include "tests/replay/sessions.h"

namespace trine {
namespace {

constexpr std::int64_t kElements = 1000;

class DropoutReplay : public testing::TestWithParam<Place> {
 protected:
  Session session_ = open(GetParam());
};

std::vector<float> ones(std::int64_t n) {
  return std::vector<float>(static_cast<std::size_t>(n), 1.0f);
}

TEST_P(DropoutReplay, DrawsByStepAndSeed) {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {kElements}});
  graph.fetch("y", dropout(x, 0.4));
  Executable program = session_.compile(graph, "dropout");
  program.feed("x", ones(kElements));
  const auto masked = [&](std::uint64_t seed, std::uint32_t step) {
    program.run({.seed = seed, .step = step});
    return program.fetch("y");
  };
  const std::vector<float> first = masked(1111, 1);
  EXPECT_NE(masked(1111, 2), first);
  EXPECT_NE(masked(1112, 1), first);
  EXPECT_NE(masked(1111 + (std::uint64_t{1} << 40), 1), first);
  EXPECT_EQ(masked(1111, 1), first);
  const auto kept = std::ranges::count_if(first, [](float y) { return y != 0; });
  EXPECT_NEAR(static_cast<double>(kept) / kElements, 0.6, 0.08);
}

TEST_P(DropoutReplay, DrawsApartForEachUse) {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {kElements}});
  graph.fetch("a", dropout(x, 0.5));
  graph.fetch("b", dropout(x, 0.5));
  Executable program = session_.compile(graph, "two masks");
  program.feed("x", ones(kElements));
  program.run({.seed = 1, .step = 1});
  EXPECT_NE(program.fetch("a"), program.fetch("b"));
}

TEST_P(DropoutReplay, GivesGradientsTheMaskOfTheSameStep) {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {kElements}});
  const Tensor y = dropout(x, 0.5);
  const Tensor wrt[] = {x};
  graph.fetch("y", y);
  graph.fetch("slope", gradients(sum(y), wrt)[0]);
  Executable program = session_.compile(graph, "mask of the gradient");
  program.feed("x", ones(kElements));
  for (const std::uint32_t step : {1u, 2u, 3u}) {
    program.run({.seed = 5, .step = step});
    EXPECT_EQ(program.fetch("y"), program.fetch("slope"));
  }
}

TEST_P(DropoutReplay, DrawsTheWeightsOfAttentionByStep) {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {2, 6, 2, 5}});
  graph.fetch("y", attention(x, x, x, {.causal_offset = {}, .dropout = 0.5, .key_mask = {}}));
  Executable program = session_.compile(graph, "attention");
  program.feed("x", ones(120));
  const auto mixed = [&](std::uint32_t step) {
    program.run({.seed = 3, .step = step});
    return program.fetch("y");
  };
  const std::vector<float> first = mixed(1), second = mixed(2);
  EXPECT_NE(first, second);
  EXPECT_EQ(mixed(1), first);
}

INSTANTIATE_TEST_SUITE_P(Places, DropoutReplay, testing::ValuesIn(kPlaces),
                         testing::PrintToStringParamName());

// The masks themselves are the same on every device and under any passes.
TEST(Dropout, IsTheSameEverywhere) {
  std::vector<std::vector<float>> masks;
  for (const Place& place : kPlaces) {
    Session session = open(place);
    Graph graph;
    graph.fetch("y", dropout(input(graph, "x", {DType::f32, {kElements}}), 0.3));
    Executable program = session.compile(graph, "mask");
    program.feed("x", ones(kElements));
    program.run({.seed = 1111, .step = 7});
    masks.push_back(program.fetch("y"));
  }
  for (const std::vector<float>& mask : masks) EXPECT_EQ(mask, masks.front());
}

}  // namespace
}  // namespace trine
