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
  // Divides by at least `limit`, so small gradients, all zeros among them, stay as they are.
  const Tensor scale = limit / maximum(sqrt(total), limit);
  Tensors clipped;
  for (const Tensor& gradient : gradients) clipped.push_back(gradient * scale);
  return clipped;
}

}  // namespace trine::optim
