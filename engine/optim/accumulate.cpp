#include "engine/optim/accumulate.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"

namespace trine::optim {

void accumulate_gradients(nn::Capture& capture, Tensor loss, const Clip& clip) {
  Tensors parameters;
  for (const auto& use : capture.uses()) parameters.push_back(use.value);
  const Tensors added = gradients(loss, parameters);
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (!added[i]) continue;
    const Tensor total = nn::window(capture.graph(), nn::kGradients, *capture.uses()[i].parameter);
    const Tensor updated = total + added[i];
    assign(total, clip ? clip(updated) : updated);
  }
}

void zero_gradients(nn::Capture& capture) {
  const Tensor total = nn::whole(capture.graph(), nn::kGradients, capture.store());
  assign(total, fill(capture.graph(), total.shape(), 0.0f));
}

}  // namespace trine::optim
