#include "dmd/models/blocks/cosine.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"

namespace dmd {

trine::Tensor cosine(trine::Tensor a, trine::Tensor b, int axis) {
  // A root for each factor: their product can fall below the range in which f32 is precise.
  const auto length = [&](trine::Tensor x) { return sqrt(sum(square(x), {axis}) + 1e-12f); };
  return sum(a * b, {axis}) / (length(a) * length(b));
}

}  // namespace dmd
