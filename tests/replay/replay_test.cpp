// Programs replayed with other inputs and other steps. Whatever may change from run to run must
// reach the kernels: a value frozen into the recording shows in the second run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/reduce.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "tests/replay/sessions.h"

namespace trine {
namespace {

using testing::FloatNear;
using testing::Pointwise;

class Replay : public testing::TestWithParam<Place> {
 protected:
  Session session_ = open(GetParam());
};

TEST_P(Replay, SeesTheInputsOfEachRun) {
  Graph graph;
  const Tensor a = input(graph, "a", {DType::f32, {3, 2}});
  const Tensor b = input(graph, "b", {DType::f32, {2}});
  graph.fetch("y", sum(a * b, {1}));
  Executable program = session_.compile(graph, "inputs");
  for (const float scale : {1.0f, -2.0f, 0.25f, 7.0f}) {
    program.feed("a", floats({scale, 2, 3, 4, 5, 6}));
    program.feed("b", floats({1, scale}));
    program.run({});
    EXPECT_THAT(program.fetch("y"),
                Pointwise(FloatNear(1e-6f), floats({3 * scale, 3 + 4 * scale, 5 + 6 * scale})));
  }
}

TEST_P(Replay, KeepsAnInputUntilTheNextIsGiven) {
  Graph graph;
  const Tensor a = input(graph, "a", {DType::f32, {2}}), b = input(graph, "b", {DType::f32, {2}});
  graph.fetch("y", exp(a) * 0.0f + a + b);
  Executable program = session_.compile(graph, "kept inputs");
  program.feed("a", floats({10, 20}));
  for (const float last : {1.0f, 2.0f, 3.0f}) {
    program.feed("b", floats({0, last}));
    program.run({});
    EXPECT_THAT(program.fetch("y"), testing::ElementsAre(10, 20 + last));
  }
}

TEST_P(Replay, SeesTheLearningRateAndTheStepOfEachRun) {
  Graph graph;
  graph.fetch("rate", learning_rate(graph) * 2.0f);
  graph.fetch("step", step_number(graph) + 0.5f);
  Executable program = session_.compile(graph, "scalars");
  for (const std::uint32_t step : {1u, 2u, 3u, 1000u}) {
    program.run({.step = step, .learning_rate = 0.25f / static_cast<float>(step)});
    EXPECT_FLOAT_EQ(program.fetch_scalar("rate"), 0.5f / static_cast<float>(step));
    EXPECT_FLOAT_EQ(program.fetch_scalar("step"), static_cast<float>(step) + 0.5f);
  }
}

TEST_P(Replay, DescendsByTheRateOfEachStep) {
  nn::ParameterStore store;
  store.declare("w", {3}, nn::kOnes);
  Graph graph;
  nn::Capture capture(graph, store, nn::Mode::training);
  optim::sgd(capture);
  const std::vector<float> initial = store.initial_values(1);
  create_arenas(session_, store);
  session_.write_state(nn::kParameters, 0, initial);
  session_.write_state(nn::kGradients, 0, floats({1, 2, -4}));
  Executable program = session_.compile(graph, "sgd");
  for (const float rate : {0.5f, 0.25f, 0.0f, 1.0f}) program.run({.learning_rate = rate});
  EXPECT_THAT(session_.read_state(nn::kParameters, 0, 3), testing::ElementsAre(-0.75, -2.5, 8));
}

// Three parameters under Adam, computed here in double as Kingma and Ba (2015) write it.
TEST_P(Replay, TakesAdamStepsByTheirNumbers) {
  nn::ParameterStore store;
  store.declare("w", {3}, nn::kOnes);
  Graph graph;
  nn::Capture capture(graph, store, nn::Mode::training);
  optim::adam(capture);
  create_arenas(session_, store);
  session_.write_state(nn::kParameters, 0, floats({1, 1, 1}));
  Executable program = session_.compile(graph, "adam");

  std::vector<double> w(3, 1.0), mean(3, 0.0), squared(3, 0.0);
  for (std::uint32_t step = 1; step <= 6; ++step) {
    const float rate = 0.1f / static_cast<float>(step);
    std::vector<float> gradient = {0.3f * static_cast<float>(step), -1.0f, 0.001f};
    session_.write_state(nn::kGradients, 0, gradient);
    program.run({.step = step, .learning_rate = rate});
    for (std::size_t i = 0; i < 3; ++i) {
      const double g = gradient[i];
      mean[i] = 0.9 * mean[i] + 0.1 * g;
      squared[i] = 0.999 * squared[i] + 0.001 * g * g;
      const double m = mean[i] / (1 - std::pow(0.9, step));
      const double v = squared[i] / (1 - std::pow(0.999, step));
      w[i] -= rate * m / (std::sqrt(v) + 1e-8);
    }
    const std::vector<float> now = session_.read_state(nn::kParameters, 0, 3);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(now[i], w[i], 2e-6) << "step " << step;
  }
}

TEST_P(Replay, AddsUpWhatItAssigns) {
  session_.create_state("total", 3);
  Graph graph;
  const Tensor total = state(graph, "total", 0, {3});
  assign(total, total + input(graph, "x", {DType::f32, {3}}));
  graph.fetch("before", total);
  Executable program = session_.compile(graph, "running total");
  for (const float x : {1.0f, 10.0f, 100.0f}) {
    program.feed("x", floats({x, 2 * x, -x}));
    program.run({});
  }
  EXPECT_THAT(program.fetch("before"), testing::ElementsAre(11, 22, -11));
  EXPECT_THAT(session_.read_state("total", 0, 3), testing::ElementsAre(111, 222, -111));
}

// The result takes the place of the second addend of its product.
TEST_P(Replay, AddsProductsToTheStateThatTheyReplace) {
  Graph graph;
  const Tensor s = state(graph, "s", 0, {2, 3});
  const Tensor a = input(graph, "a", {DType::f32, {2, 2}});
  const Tensor b = input(graph, "b", {DType::f32, {2, 3}});
  const Tensor bias = input(graph, "bias", {DType::f32, {3}});
  assign(s, relu(matmul(a, b) + bias + s));
  session_.create_state("s", 6);
  session_.write_state("s", 0, floats({1, 2, 3, 4, 5, -100}));
  Executable program = session_.compile(graph, "products");
  program.feed("a", floats({1, 2, 3, 4}));
  program.feed("b", floats({1, 0, 2, 0, 1, 1}));
  program.feed("bias", floats({10, 20, 30}));
  program.run({});
  EXPECT_THAT(session_.read_state("s", 0, 6), testing::ElementsAre(12, 24, 37, 17, 29, 0));
  program.run({});
  EXPECT_THAT(session_.read_state("s", 0, 6), testing::ElementsAre(23, 46, 71, 30, 53, 40));
}

TEST_P(Replay, SwapsTwoStates) {
  session_.create_state("a", 3);
  session_.create_state("b", 3);
  session_.write_state("a", 0, floats({1, 2, 3}));
  session_.write_state("b", 0, floats({4, 5, 6}));
  Graph graph;
  const Tensor a = state(graph, "a", 0, {3}), b = state(graph, "b", 0, {3});
  assign(a, b);
  assign(b, a);
  Executable program = session_.compile(graph, "swap");
  for (int run = 0; run < 3; ++run) program.run({});
  EXPECT_THAT(session_.read_state("a", 0, 3), testing::ElementsAre(4, 5, 6));
  EXPECT_THAT(session_.read_state("b", 0, 3), testing::ElementsAre(1, 2, 3));
}

TEST_P(Replay, RotatesTheWindowsOfAState) {
  session_.create_state("ring", 6);
  session_.write_state("ring", 0, floats({1, 2, 3, 4, 5, 6}));
  Graph graph;
  const auto window = [&](std::int64_t at) { return state(graph, "ring", 2 * at, {2}); };
  for (std::int64_t at = 0; at < 3; ++at) assign(window(at), window((at + 1) % 3) + 10.0f);
  Executable program = session_.compile(graph, "rotation");
  program.run({});
  EXPECT_THAT(session_.read_state("ring", 0, 6), testing::ElementsAre(13, 14, 15, 16, 11, 12));
}

INSTANTIATE_TEST_SUITE_P(Places, Replay, testing::ValuesIn(kPlaces),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace trine
