#include "engine/optim/accumulate.h"

#include <vector>

#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "engine/optim/clip.h"
#include "engine/passes/autodiff.h"

namespace trine::optim {

namespace {

// A parameter's window into the arena of gradients, and what the loss adds to it.
struct Addition {
  Tensor total, added;
};

std::vector<Addition> additions(nn::Capture& capture, Tensor loss) {
  Tensors parameters;
  for (const auto& use : capture.uses()) parameters.push_back(use.value);
  const Tensors added = gradients(loss, parameters);
  std::vector<Addition> all;
  for (std::size_t i = 0; i < added.size(); ++i)
    if (added[i])
      all.push_back(
          {nn::window(capture.graph(), nn::kGradients, *capture.uses()[i].parameter), added[i]});
  return all;
}

}  // namespace

void accumulate_gradients(nn::Capture& capture, Tensor loss, const Clip& clip) {
  for (const Addition& of : additions(capture, loss)) {
    const Tensor updated = of.total + of.added;
    assign(of.total, clip ? clip(updated) : updated);
  }
}

void accumulate_clipped_by_norm(nn::Capture& capture, Tensor loss, float limit) {
  const std::vector<Addition> all = additions(capture, loss);
  Tensors sums;
  for (const Addition& of : all) sums.push_back(of.total + of.added);
  const Tensors clipped = clip_by_norm(sums, limit);
  for (std::size_t i = 0; i < all.size(); ++i) assign(all[i].total, clipped[i]);
}

void zero_gradients(nn::Capture& capture) {
  const Tensor total = nn::whole(capture.graph(), nn::kGradients, capture.store());
  assign(total, fill(capture.graph(), total.shape(), 0.0f));
}

}  // namespace trine::optim
