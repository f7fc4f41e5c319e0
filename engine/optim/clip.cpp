#include "engine/optim/clip.h"

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"

namespace trine::optim {

Tensor clip_by_value(Tensor gradient, float limit) { return clamp(gradient, -limit, limit); }

Tensors clip_by_norm(std::span<const Tensor> gradients, float limit) {
  if (gradients.empty()) fail("clip_by_norm: there is no gradient to clip");
  Tensor total;
  for (const Tensor& gradient : gradients) {
    const Tensor squares = sum(square(gradient));
    total = total ? total + squares : squares;
  }
  // The small addend is that of PyTorch's clip_grad_norm_, whose scale this is.
  const Tensor scale = minimum(limit / (sqrt(total) + 1e-6f), 1.0f);
  Tensors clipped;
  for (const Tensor& gradient : gradients) clipped.push_back(gradient * scale);
  return clipped;
}

}  // namespace trine::optim
