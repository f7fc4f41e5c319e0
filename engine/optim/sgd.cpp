#include "engine/optim/sgd.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"

namespace trine::optim {

void sgd(nn::Capture& capture, double momentum) {
  Graph& graph = capture.graph();
  const Scope scope(graph, "sgd");
  const Tensor parameters = nn::whole(graph, nn::kParameters, capture.store());
  Tensor direction = nn::whole(graph, nn::kGradients, capture.store());
  if (momentum != 0.0) {
    const Tensor velocity = nn::whole(graph, kSgdVelocity, capture.store());
    direction = velocity * static_cast<float>(momentum) + direction;
    assign(velocity, direction);
  }
  assign(parameters, parameters - learning_rate(graph) * direction);
}

}  // namespace trine::optim
