// A network of one's own: three layers learn the surface y = sin(3 a) b from samples of it.
//
//   own_model [DEVICE]      DEVICE as dmd's --device takes it: cpu, reference, vulkan:0, ...
#include <cmath>
#include <exception>
#include <random>
#include <vector>

#include <fmt/core.h>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"

namespace {

using namespace trine;

constexpr std::int64_t kBatch = 64;
constexpr std::uint32_t kSteps = 2000;

// (B, 2) -> (B, 1)
Tensor network(nn::Capture& capture, Tensor x) {
  x = tanh(nn::linear(capture, "first", x, 32));
  x = tanh(nn::linear(capture, "second", x, 32));
  return nn::linear(capture, "last", x, 1);
}

// Gradients of the mean squared error on one batch, added to those that wait.
void capture_accumulate(Graph& graph, nn::ParameterStore& store) {
  nn::Capture capture(graph, store, nn::Mode::training);
  const Tensor x = input(graph, "x", {DType::f32, {kBatch, 2}});
  const Tensor y = input(graph, "y", {DType::f32, {kBatch, 1}});
  const Tensor loss = mean(square(network(capture, x) - y));
  optim::accumulate_gradients(capture, loss);
  graph.fetch("loss", loss);
}

void capture_apply(Graph& graph, nn::ParameterStore& store) {
  nn::Capture capture(graph, store, nn::Mode::training);
  optim::adam(capture);
  optim::zero_gradients(capture);
}

void feed_batch(Executable& program, std::mt19937& random) {
  std::uniform_real_distribution<float> coordinate(-1.0f, 1.0f);
  std::vector<float> x, y;
  for (std::int64_t i = 0; i < kBatch; ++i) {
    const float a = coordinate(random), b = coordinate(random);
    x.insert(x.end(), {a, b});
    y.push_back(std::sin(3 * a) * b);
  }
  program.feed("x", x);
  program.feed("y", y);
}

void train(Session& session) {
  // Capturing a program declares its parameters; the arenas that hold them are made after that.
  nn::ParameterStore store;
  Graph accumulate_graph, apply_graph;
  capture_accumulate(accumulate_graph, store);
  capture_apply(apply_graph, store);
  for (const char* arena : {nn::kParameters, nn::kGradients, optim::kAdamMean, optim::kAdamSquare})
    session.create_state(arena, store.arena_size());
  session.write_state(nn::kParameters, 0, store.initial_values(/*seed=*/1));

  Executable accumulate = session.compile(accumulate_graph, "accumulate");
  Executable apply = session.compile(apply_graph, "apply");
  std::mt19937 random(1);
  for (std::uint32_t step = 1; step <= kSteps; ++step) {
    feed_batch(accumulate, random);
    accumulate.run({.step = step});
    apply.run({.step = step, .learning_rate = 0.005f});
    if (step % 500 == 0)
      fmt::print("step {:4}  mean squared error {:.5f}\n", step, accumulate.fetch_scalar("loss"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Session session(open_device(argc > 1 ? argv[1] : ""));
    train(session);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "own_model: {}\n", error.what());
    return 1;
  }
}
