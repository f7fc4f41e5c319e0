// What is DHMD's own: sparsemax, pooling with one winner, and units that stand still.
#include <algorithm>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>

#include "dmd/models/blocks/dictionary.h"
#include "dmd/models/blocks/sparsemax.h"
#include "dmd/models/presets.h"
#include "dmd/models/registry.h"
#include "engine/evaluate.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"

namespace dmd {
namespace {

using trine::DType;
using trine::Graph;
using trine::HostTensor;
using trine::Tensor;
using Row = std::vector<double>;

// The threshold by sorting, as the paper has it.
Row sorted_sparsemax(const Row& x) {
  Row sorted = x;
  std::ranges::sort(sorted, std::greater<>());
  double sum = 0, threshold = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    sum += sorted[k];
    const double number = static_cast<double>(k + 1);
    if (1 + number * sorted[k] > sum) threshold = (sum - 1) / number;
  }
  Row y;
  for (const double value : x) y.push_back(std::max(0.0, value - threshold));
  return y;
}

// `function` of x, and the gradient of its sum weighted by `weights`.
std::pair<Row, Row> value_and_gradient(const std::function<Tensor(Tensor)>& function,
                                       const HostTensor& x, const HostTensor& weights) {
  Graph graph;
  const Tensor in = trine::input(graph, "x", x.type);
  const Tensor out = function(in);
  const Tensor loss = sum(out * trine::input(graph, "weights", weights.type));
  const Tensor gradient = trine::gradients(loss, std::span(&in, 1))[0];
  trine::Bindings bindings;
  bindings.inputs = {{"x", x}, {"weights", weights}};
  const auto values = evaluate(graph, {out, gradient}, bindings);
  return {values[0].values, values[1].values};
}

HostTensor tensor(const trine::Shape& shape, Row values) {
  HostTensor made({DType::f32, shape});
  made.values = std::move(values);
  return made;
}

TEST(Sparsemax, IsWhatSortingGivesWithTies) {
  for (const Row& x : {Row{0.5, 0.5, 0.2, -1}, Row{3, 1, 1, 1}, Row{0, 0, 0, 0},
                       Row{1.5, 0.5, 0.5, -2}, Row{-0.3, 0.1, 0.4, 0.4}}) {
    const Row g{1, -2, 3, 5};
    const auto [y, gradient] = value_and_gradient(sparsemax, tensor({1, 4}, x), tensor({1, 4}, g));
    const Row expected = sorted_sparsemax(x);
    double kept = 0, of_kept = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (expected[i] > 0) ++kept, of_kept += g[i];
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(y[i], expected[i], 1e-12);
      EXPECT_NEAR(gradient[i], expected[i] > 0 ? g[i] - of_kept / kept : 0.0, 1e-12);
    }
  }
}

TEST(FirstMax, GivesTheWholeGradientToTheFirstStepThatHoldsIt) {
  const auto [y, gradient] = value_and_gradient(
      first_max, tensor({1, 4, 2}, {0, 5, 2, 1, 2, 5, 1, 0}), tensor({1, 2}, {1, 10}));
  EXPECT_THAT(y, testing::ElementsAre(2, 5));
  EXPECT_THAT(gradient, testing::ElementsAre(0, 10, 1, 0, 0, 0, 0, 0));
}

TEST(Dhmd, KeepsUnitsStillAndTrainsDictionariesAtTheirRate) {
  const auto groups = find_model("dhmd").groups(preset_config("tiny", "dhmd"));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].prefix, "homo_dict.");
  EXPECT_DOUBLE_EQ(groups[0].rate, 1.0);  // 1e-3 over tiny's 1e-3
  EXPECT_EQ(groups[2].rate, 0.0);
  EXPECT_EQ(groups[3].rate, 0.0);
}

}  // namespace
}  // namespace dmd
