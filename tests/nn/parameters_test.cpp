#include "engine/nn/parameters.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "engine/error.h"
#include "engine/nn/capture.h"
#include "tests/nn/host_values.h"

namespace trine::nn {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Property;
using testing::ThrowsMessage;

TEST(ParameterStore, PlacesParametersAtMultiplesOfSixteen) {
  ParameterStore store;
  EXPECT_EQ(store.declare("a", {3}, kOnes).offset, 0);
  EXPECT_EQ(store.declare("b", {4, 4}, kOnes).offset, 16);
  EXPECT_EQ(store.declare("c", {17}, kOnes).offset, 32);
  EXPECT_EQ(store.arena_size(), 64);
}

TEST(ParameterStore, FindsAgainWhatWasDeclared) {
  ParameterStore store;
  const Parameter& first = store.declare("w", {2, 3}, kZeros);
  for (int i = 0; i < 100; ++i) store.declare(fmt::format("other{}", i), {1}, kZeros);
  EXPECT_EQ(&store.declare("w", {2, 3}, kZeros), &first);
  EXPECT_EQ(store.find("w"), &first);
  EXPECT_EQ(store.find("v"), nullptr);
  EXPECT_EQ(store.parameters().size(), 101u);
}

TEST(ParameterStore, RefusesAnotherShape) {
  ParameterStore store;
  store.declare("fc1.weight", {2, 3}, kZeros);
  EXPECT_THAT(
      [&] {
        store.declare("fc1.weight", {3, 2}, kZeros);
      },
      ThrowsMessage<Error>(
          AllOf(HasSubstr("fc1.weight"), HasSubstr("(2, 3)"), HasSubstr("(3, 2)"))));
}

TEST(ParameterStore, KeepsItsParametersWhenMoved) {
  ParameterStore store;
  const Parameter* parameter = &store.declare("w", {5}, kOnes);
  const ParameterStore moved = std::move(store);
  EXPECT_EQ(moved.find("w"), parameter);
}

TEST(InitialValues, LieInTheirRangeAndFillNothingElse) {
  ParameterStore store;
  store.declare("weight", {100, 50}, xavier_uniform(50, 100));
  const Parameter& gain = store.declare("gain", {3}, kOnes);
  const std::vector<float> arena = store.initial_values(7);

  const double bound = std::sqrt(6.0 / 150.0);
  const auto [low, high] = std::minmax_element(arena.begin(), arena.begin() + 5000);
  EXPECT_GE(*low, -bound);
  EXPECT_LE(*high, bound);
  // Of 5000 uniform draws some come within a hundredth of either end.
  EXPECT_LT(*low, -0.99 * bound);
  EXPECT_GT(*high, 0.99 * bound);

  for (std::int64_t i = 5000; i < store.arena_size(); ++i) {
    const bool in_gain = i >= gain.offset && i < gain.offset + 3;
    EXPECT_EQ(arena[static_cast<std::size_t>(i)], in_gain ? 1.0f : 0.0f) << i;
  }
}

TEST(InitialValues, DependOnSeedAndNameAlone) {
  ParameterStore small, large;
  large.declare("before", {40}, fan_in_uniform(4));
  const Parameter& a = small.declare("w", {20}, fan_in_uniform(4));
  const Parameter& b = large.declare("w", {20}, fan_in_uniform(4));
  const auto draws = [](const ParameterStore& store, const Parameter& p, std::uint64_t seed) {
    const std::vector<float> arena = store.initial_values(seed);
    return std::vector<float>(arena.begin() + p.offset, arena.begin() + p.offset + p.size());
  };
  EXPECT_EQ(draws(small, a, 3), draws(large, b, 3));
  EXPECT_NE(draws(small, a, 3), draws(small, a, 4));
  EXPECT_NE(draws(small, a, 3), draws(large, *large.find("before"), 3));
}

TEST(Capture, CallsParametersByTheirScopeAndSharesThem) {
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::training);
  const Scope model(graph, "model");
  const Scope layer(graph, "layers.0");
  const Tensor first = capture.parameter("weight", {2}, kOnes);
  EXPECT_EQ(store.parameters().front().name, "model.layers.0.weight");
  EXPECT_EQ(capture.parameter("weight", {2}, kOnes), first);
  EXPECT_EQ(capture.uses().size(), 1u);
}

TEST(Capture, DropsOutOnlyInTraining) {
  Graph graph;
  ParameterStore store;
  Capture training(graph, store, Mode::training), evaluation(graph, store, Mode::evaluation);
  const Tensor x = training.parameter("x", {2}, kOnes);
  EXPECT_NE(training.dropout(x, 0.5), x);
  EXPECT_EQ(evaluation.dropout(x, 0.5), x);
  EXPECT_EQ(evaluation.rate(0.5), 0.0);
  EXPECT_EQ(training.rate(0.5), 0.5);
}

}  // namespace
}  // namespace trine::nn
