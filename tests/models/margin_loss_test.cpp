// The dense margin loss against its definition as loops over triples.
#include "dmd/models/blocks/margin_loss.h"
#include "dmd/config/per_modality.h"

#include <cmath>
#include <optional>

#include <gmock/gmock.h>

#include "engine/evaluate.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"

namespace dmd {
namespace {

using trine::Bindings;
using trine::DType;
using trine::Graph;
using trine::HostTensor;
using trine::Tensor;
using Row = std::vector<double>;

constexpr std::int64_t kWidth = 4;

struct Case {
  std::vector<double> labels;
  PerModality<HostTensor> features;  // (B, kWidth)

  explicit Case(std::vector<double> values) : labels(std::move(values)) {
    const auto batch = static_cast<std::int64_t>(labels.size());
    for (const Modality m : kModalities) {
      HostTensor& feature = features[m] = HostTensor({DType::f32, {batch, kWidth}});
      for (std::int64_t i = 0; i < feature.size(); ++i)
        feature[i] = std::sin(2.3 * static_cast<double>(i) + 1.1 * index_of(m));
    }
  }

  std::size_t rows() const { return 3 * labels.size(); }
  double label(std::size_t row) const { return labels[row / 3]; }
  Row row(std::size_t index) const {
    const auto first = features[kModalities[index % 3]].values.begin() +
                       static_cast<std::ptrdiff_t>(index / 3 * kWidth);
    return {first, first + kWidth};
  }
};

double cosine_of(const Row& a, const Row& b) {
  double ab = 0, aa = 1e-8, bb = 1e-8;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

// What the triple (anchor, positive, negative) adds; nothing if it is none.
std::optional<double> hinge(const Case& c, Variant variant, std::size_t i, std::size_t p,
                            std::size_t q) {
  const auto modality = [](std::size_t row) { return row % 3; };
  if (c.label(p) != c.label(i) || p == i || c.label(q) == c.label(i)) return {};
  if (variant == Variant::paper && (modality(p) == modality(i) || modality(q) != modality(i)))
    return {};
  const double margin =
      0.15 * (variant == Variant::paper ? 1.0 : std::abs(c.label(i) - c.label(q)));
  return std::max(0.0, margin - cosine_of(c.row(i), c.row(p)) + cosine_of(c.row(i), c.row(q)));
}

double loss_by_loops(const Case& c, Variant variant) {
  double all = 0, triples = 0, of_anchors = 0, anchors = 0;
  for (std::size_t i = 0; i < c.rows(); ++i) {
    double total = 0, n = 0;
    for (std::size_t p = 0; p < c.rows(); ++p)
      for (std::size_t q = 0; q < c.rows(); ++q)
        if (const auto h = hinge(c, variant, i, p, q)) {
          total += *h;
          n += 1;
        }
    all += total;
    triples += n;
    of_anchors += n > 0 ? total / n : 0;
    anchors += n > 0;
  }
  if (anchors == 0) return 0;
  return variant == Variant::paper ? all / triples : of_anchors / anchors;
}

// The loss and its gradients with respect to the features.
struct Evaluated {
  double loss;
  PerModality<HostTensor> slopes;
};

Evaluated evaluated(const Case& c, Variant variant) {
  const auto batch = static_cast<std::int64_t>(c.labels.size());
  Graph graph;
  Bindings bindings;
  trine::Tensors features;
  for (const Modality m : kModalities) {
    features.push_back(input(graph, std::string(name_of(m)), {DType::f32, {batch, kWidth}}));
    bindings.inputs[std::string(name_of(m))] = c.features[m];
  }
  const Tensor labels = input(graph, "labels", {DType::f32, {batch, 1}});
  bindings.inputs["labels"] = HostTensor(labels.type());
  bindings.inputs["labels"].values = c.labels;

  const Tensor loss = margin_loss(features, labels, variant, 0.15f);
  trine::Tensors wanted = gradients(loss, features);
  wanted.push_back(loss);
  const auto results = evaluate(graph, wanted, bindings);
  Evaluated result{results[3][0], {}};
  for (const Modality m : kModalities) result.slopes[m] = results[index_of(m)];
  return result;
}

class MarginLoss : public testing::TestWithParam<Variant> {};

TEST_P(MarginLoss, IsTheMeanOverTriples) {
  double sum = 0;
  for (const auto& labels : std::vector<std::vector<double>>{
           {1, 2}, {1, 1, -2.5}, {0.5, -3, 0.5, 3, -3, 0.25}, {0, 1, 2, 3}}) {
    const Case c(labels);
    const double expected = loss_by_loops(c, GetParam());
    EXPECT_NEAR(evaluated(c, GetParam()).loss, expected, 1e-7);
    sum += expected;
  }
  EXPECT_GT(sum, 0.5);  // hinges are active in these cases
}

TEST_P(MarginLoss, IsZeroWhereNoTripleExists) {
  EXPECT_EQ(evaluated(Case({2}), GetParam()).loss, 0);
  EXPECT_EQ(evaluated(Case({2, 2, 2}), GetParam()).loss, 0);
}

TEST_P(MarginLoss, HasTheSlopesOfItsDefinition) {
  const Case c({0.5, -3, 0.5, 3});
  const Evaluated at = evaluated(c, GetParam());
  constexpr double kStep = 1e-6;
  for (const Modality m : kModalities)
    for (std::int64_t i = 0; i < c.features[m].size(); ++i) {
      Case above = c, below = c;
      above.features[m][i] += kStep;
      below.features[m][i] -= kStep;
      const double slope =
          (loss_by_loops(above, GetParam()) - loss_by_loops(below, GetParam())) / (2 * kStep);
      EXPECT_NEAR(at.slopes[m][i], slope, 1e-6) << letter_of(m) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, MarginLoss, testing::Values(Variant::reference, Variant::paper),
                         [](const auto& param) {
                           return std::string(param.param == Variant::paper ? "paper"
                                                                            : "reference");
                         });

}  // namespace
}  // namespace dmd
