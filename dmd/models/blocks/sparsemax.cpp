#include "dmd/models/blocks/sparsemax.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;

// 1 for the entries of z (B, n) that sparsemax keeps. Entry i is kept where 1 + c z_i > u, with c
// the count and u the sum of all entries that are at least z_i: the rule over sorted entries,
// without sorting. The comparison stands twice, in two forms that are not merged, so that each
// fuses into its sum and is never stored.
Tensor support_of(Tensor z) {
  const Tensor own = unsqueeze(z, 2), other = unsqueeze(z, 1);
  const Tensor count = sum(greater_equal(other, own), {2});
  const Tensor total = sum(select(less(other, own), 0.0f, other), {2});
  return greater(1.0f + count * z, total);
}

}  // namespace

Tensor sparsemax(Tensor x) {
  const Tensor z = x - stop_gradient(max(x, {1}, true));
  const Tensor support = support_of(stop_gradient(z));
  const Tensor threshold = (sum(support * z, {1}, true) - 1.0f) / sum(support, {1}, true);
  return support * (z - threshold);
}

}  // namespace dmd
