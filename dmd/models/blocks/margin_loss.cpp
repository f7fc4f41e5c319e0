#include "dmd/models/blocks/margin_loss.h"

#include <iterator>
#include <vector>

#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Graph;
using trine::Shape;
using trine::Tensor;
using trine::Tensors;

constexpr float kBeyondAnyCosine = 1e30f;

// Which rows an anchor is compared with, and by how much it must win; all (3B, 3B), row = anchor.
struct Pairs {
  Tensor positive, negative;  // 1 or 0
  Tensor margin;
};

// (3B, d), sample-major.
Tensor rows_of(const Tensors& features) {
  Tensors parts;
  for (const Tensor& part : features) parts.push_back(unsqueeze(part, 1));
  const Tensor stacked = trine::concat(parts, /*axis=*/1);
  return reshape(stacked, {stacked.dim(0) * stacked.dim(1), stacked.dim(2)});
}

// (3B, 3B). The authors' lower bound of 1e-8 on the length cannot be met: the root is at least
// 1e-4.
Tensor cosines(Tensor rows) {
  const Tensor unit = rows / sqrt(sum(square(rows), {1}, true) + 1e-8f);
  return matmul(unit, transpose(unit));
}

// (rows, 1): index % period of each row.
Tensor row_numbers(Graph& graph, std::int64_t rows, std::int64_t period) {
  std::vector<float> numbers;
  for (std::int64_t i = 0; i < rows; ++i) numbers.push_back(static_cast<float>(i % period));
  return literal(graph, {rows, 1}, std::move(numbers));
}

Pairs pairs_of(Tensor labels, std::int64_t modalities, Variant variant, float margin,
               LabelScale scale) {
  Graph& graph = labels.graph();
  const std::int64_t rows = labels.dim(0) * modalities;
  const Tensor label = reshape(broadcast_to(labels, {labels.dim(0), modalities}), {rows, 1});
  const Tensor same_label = equal(label, transpose(label));
  if (variant == Variant::paper) {
    const Tensor modality = row_numbers(graph, rows, modalities);
    const Tensor same_modality = equal(modality, transpose(modality));
    return {.positive = same_label * (1.0f - same_modality),
            .negative = (1.0f - same_label) * same_modality,
            .margin = fill(graph, {rows, rows}, margin)};
  }
  const Tensor distance =
      scale == LabelScale::interval ? abs(label - transpose(label)) : 1.0f - same_label;
  const Tensor row = row_numbers(graph, rows, rows);
  return {.positive = same_label * not_equal(row, transpose(row)),
          .negative = 1.0f - same_label,
          .margin = distance * margin};
}

// (3B, 1): what one triple of an anchor counts.
Tensor triple_weight(const Pairs& pairs, Variant variant) {
  const Tensor triples = sum(pairs.positive, {1}, true) * sum(pairs.negative, {1}, true);
  if (variant == Variant::paper) return 1.0f / maximum(sum(triples), 1.0f);
  const Tensor kept = greater(triples, 0.0f);
  return kept / maximum(triples, 1.0f) / maximum(sum(kept), 1.0f);
}

}  // namespace

Tensor margin_loss(const Tensors& features, Tensor labels, Variant variant, float margin,
                   LabelScale scale) {
  const trine::Scope scope(labels.graph(), "margin_loss");
  const Tensor similarity = cosines(rows_of(features));
  const Pairs pairs = pairs_of(labels, std::ssize(features), variant, margin, scale);
  const Tensor reach = similarity + pairs.margin;  // what a positive must exceed

  // A triple (anchor, positive, negative) is violated where bound < pull. Rows that take no part
  // are moved to where they cannot be.
  const Tensor bound =
      unsqueeze(select(pairs.positive, stop_gradient(similarity), kBeyondAnyCosine), 2);
  const Tensor pull = unsqueeze(select(pairs.negative, stop_gradient(reach), -kBeyondAnyCosine), 1);

  // The hinge is linear in each violated triple, so its sum is a sum over pairs, each as often as
  // it takes part in a violation; and these counts have no gradient. The comparison stands twice,
  // in two forms that are not merged, so that each fuses into its count and is never stored.
  const Tensor by_negative = sum(less(bound, pull), {1});
  const Tensor by_positive = sum(greater(pull, bound), {2});
  return sum(triple_weight(pairs, variant) * (by_negative * reach - by_positive * similarity));
}

}  // namespace dmd
