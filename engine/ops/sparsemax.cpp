#include "engine/ops/sparsemax.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"

namespace trine {
namespace {

std::vector<Type> infer(const Attrs&, std::span<const Type> in) {
  if (in[0].dtype != DType::f32 || in[0].shape.rank() < 1 || in[0].shape.back() < 1)
    fail("sparsemax: needs an f32 tensor with at least one column; this is {}", to_string(in[0]));
  return {in[0]};
}

// The paper's way, by sorting. NaN where no point of the simplex is nearest.
double threshold(std::vector<double> row) {
  for (const double x : row)
    if (std::isnan(x)) return x;
  std::ranges::sort(row, std::greater<>());
  if (!std::isfinite(row[0])) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0, found = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    sum += row[k];
    const auto kept = static_cast<double>(k + 1);
    if (!(1 + kept * row[k] > sum)) break;
    found = (sum - 1) / kept;
  }
  return found;
}

void reference(const Attrs&, const RunParams&, std::span<const HostTensor> in,
               std::span<HostTensor> out) {
  const std::int64_t columns = in[0].type.shape.back();
  for (std::int64_t first = 0; first < in[0].size(); first += columns) {
    const auto begin = in[0].values.begin() + first;
    const double t = threshold({begin, begin + columns});
    for (std::int64_t j = first; j < first + columns; ++j) {
      const double above = in[0][j] - t;
      out[0][j] = std::isnan(t) ? t : std::max(above, 0.0);
    }
  }
}

Sample sample(std::string label, Shape shape, double range, Tensor (*build)(Tensor)) {
  return {std::move(label),
          {{{DType::f32, shape}, -range, range}},
          [build](Graph&, const Tensors& t) { return Tensors{build(t[0])}; },
          2 * shape.back()};
}

std::vector<Sample> samples() {
  const auto tied = [](Tensor x) { return sparsemax(concat({x, x}, -1)); };
  return {sample("row", {4, 7}, 1, sparsemax),
          sample("one column", {3, 1}, 2, sparsemax),
          sample("vector", {6}, 2, sparsemax),
          sample("of rank three", {2, 3, 5}, 2, sparsemax),
          sample("ties", {5, 9}, 1, tied),
          sample("few kept", {3, 129}, 40, sparsemax),
          sample("all kept", {3, 65}, 0.005, sparsemax),
          sample("more rows than a block has", {70, 24}, 2, sparsemax),
          sample("long", {2, 1025}, 2, sparsemax)};
}

const OpDef kSparsemax = [] {
  OpDef op;
  op.name = "sparsemax";
  op.infer = infer;
  op.vjp = [](const Vjp& v) {
    const Tensor kept = greater(v.outputs[0], 0.0f), g = v.cotangents[0];
    // A row of NaN keeps nothing. Its gradient is 0, as that of relu is there, and not what a
    // device makes of 0 / 0.
    const Tensor number = maximum(sum(kept, {-1}, true), 1.0f);
    return Tensors{kept * (g - sum(kept * g, {-1}, true) / number)};
  };
  op.reference = reference;
  op.samples = samples;
  return op;
}();

}  // namespace

Tensor sparsemax(Tensor x) { return x.graph().add_one(kSparsemax, {}, {x}); }

std::vector<const OpDef*> sparsemax_ops() { return {&kSparsemax}; }

}  // namespace trine
