// Sparsemax and pooling with one winner against numbers that their op does not make itself.
#include <filesystem>

#include <gmock/gmock.h>

#include "backends/registry.h"
#include "engine/evaluate.h"
#include "engine/io/safetensors.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/sparsemax.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"
#include "tests/support/errors.h"

namespace trine {
namespace {

using Row = std::vector<double>;

HostTensor tensor(const Shape& shape, Row values) {
  HostTensor made({DType::f32, shape});
  made.values = std::move(values);
  return made;
}

// `function` of x, and the gradient of its sum weighted by `weights`.
template <class Function>
std::pair<Row, Row> value_and_gradient(Function function, const HostTensor& x,
                                       const HostTensor& weights) {
  Graph graph;
  const Tensor in = input(graph, "x", x.type);
  const Tensor out = function(in);
  const Tensor loss = sum(out * input(graph, "weights", weights.type));
  const Tensor gradient = gradients(loss, std::span(&in, 1))[0];
  Bindings bindings;
  bindings.inputs = {{"x", x}, {"weights", weights}};
  const auto values = evaluate(graph, {out, gradient}, bindings);
  return {values[0].values, values[1].values};
}

// Of a program under PyTorch, with ties: see the folder's README.
HostTensor golden(const std::string& name) {
  const auto file =
      std::filesystem::path(TRINE_SOURCE_DIR) / "tests/golden/data/dhmd_small/expected.safetensors";
  const io::NamedArrays arrays = io::read_safetensors(file).arrays;
  const io::Array& array = *find(arrays, "unit.sparsemax." + name);
  return tensor(Shape(std::span<const std::int64_t>(array.shape())), array.to_f64());
}

TEST(Sparsemax, IsWhatTheProgramOfItsModelGives) {
  const auto [y, gradient] = value_and_gradient(sparsemax, golden("x"), golden("gy"));
  EXPECT_THAT(y, testing::Pointwise(testing::DoubleNear(1e-6), golden("y").values));
  EXPECT_THAT(gradient, testing::Pointwise(testing::DoubleNear(1e-6), golden("gx").values));
}

TEST(Sparsemax, GivesADistributionThatIsTheNearestOne) {
  const auto [y, gradient] =
      value_and_gradient(sparsemax, tensor({2, 3}, {2, 1.5, -4, 0, 0, 0}), tensor({2, 3}, Row(6)));
  const Row expected{0.75, 0.25, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3};
  EXPECT_THAT(y, testing::Pointwise(testing::DoubleNear(1e-12), expected));
}

TEST(Sparsemax, RefusesWhatHasNoColumns) {
  Graph graph;
  const Tensor whole = input(graph, "whole", {DType::i32, {2, 3}});
  EXPECT_EQ(error_of([&] { sparsemax(whole); }),
            "sparsemax: needs an f32 tensor with at least one column; this is i32(2, 3)");
}

TEST(FirstMax, GivesTheWholeGradientToTheFirstThatHoldsIt) {
  const auto [y, gradient] =
      value_and_gradient([](Tensor x) { return first_max(x, 1); },
                         tensor({1, 4, 2}, {0, 5, 2, 1, 2, 5, 1, 0}), tensor({1, 2}, {1, 10}));
  EXPECT_THAT(y, testing::ElementsAre(2, 5));
  EXPECT_THAT(gradient, testing::ElementsAre(0, 10, 1, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace trine
