#include "engine/optim/adam.h"

#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"

namespace trine::optim {
namespace {

// 1 - beta^step. The plain form loses most of its digits in f32 while beta^step is close to 1.
Tensor bias_correction(Graph& graph, double beta) {
  return -expm1(step_number(graph) * static_cast<float>(std::log(beta)));
}

// beta * average + (1 - beta) * value.
Tensor moved(Tensor average, Tensor value, double beta) {
  return average * static_cast<float>(beta) + value * static_cast<float>(1.0 - beta);
}

void update(Graph& graph, const AdamOptions& options, const ArenaPart& part) {
  const auto window = [&](const char* arena) {
    return state(graph, arena, part.offset, {part.elements});
  };
  const Tensor parameters = window(nn::kParameters), gradients = window(nn::kGradients);
  const Tensor old_mean = window(kAdamMean), old_square = window(kAdamSquare);

  const Tensor mean = moved(old_mean, gradients, options.beta1);
  const Tensor squared = moved(old_square, square(gradients), options.beta2);
  const Tensor rate = part.rate == 1.0 ? learning_rate(graph)
                                       : learning_rate(graph) * static_cast<float>(part.rate);
  const Tensor step_size = rate / bias_correction(graph, options.beta1);
  const Tensor root = sqrt(squared / bias_correction(graph, options.beta2));

  assign(old_mean, mean);
  assign(old_square, squared);
  assign(parameters, parameters - step_size * mean / (root + static_cast<float>(options.epsilon)));
}

}  // namespace

void adam(nn::Capture& capture, const AdamOptions& options) {
  Graph& graph = capture.graph();
  const Scope scope(graph, "adam");
  if (options.parts.empty()) update(graph, options, {0, capture.store().arena_size(), 1.0});
  for (const ArenaPart& part : options.parts) update(graph, options, part);
}

}  // namespace trine::optim
