#include "engine/nn/layers.h"

#include <gmock/gmock.h>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"
#include "tests/nn/host_values.h"

namespace trine::nn {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

class Layers : public testing::Test {
 protected:
  Graph graph_;
  ParameterStore store_;
  Capture capture_{graph_, store_, Mode::evaluation};

  std::vector<double> parameter(const Bindings& bindings, const std::string& name) {
    return values_of(store_, bindings, kParameters, name);
  }
};

TEST_F(Layers, LinearIsTheProductWithTheTransposedWeightPlusBias) {
  const Tensor y = linear(capture_, "fc", input(graph_, "x", {DType::f32, {2, 3, 4}}), 5);
  Bindings bindings = bindings_for(store_);
  const HostTensor x = bindings.inputs["x"] = wavy({2, 3, 4}, 0.1);
  const HostTensor got = evaluate(graph_, {y}, bindings)[0];
  const auto weight = parameter(bindings, "fc.weight"), bias = parameter(bindings, "fc.bias");

  ASSERT_EQ(got.type.shape, (Shape{2, 3, 5}));
  for (std::size_t row = 0; row < 6; ++row)
    for (std::size_t o = 0; o < 5; ++o) {
      double expected = bias[o];
      for (std::size_t i = 0; i < 4; ++i) expected += x.values[row * 4 + i] * weight[o * 4 + i];
      EXPECT_NEAR(got.values[row * 5 + o], expected, 1e-12);
    }
}

// y[b, t, o] = bias[o] + sum over c, k of weight[o, c, k] x[b, t + k, c].
std::vector<double> convolved(const HostTensor& x, const std::vector<double>& weight,
                              const std::vector<double>& bias, std::int64_t kernel) {
  const std::int64_t batch = x.type.shape[0], steps = x.type.shape[1], channels = x.type.shape[2];
  const auto outputs = static_cast<std::int64_t>(bias.size());
  std::vector<double> y;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t t = 0; t + kernel <= steps; ++t)
      for (std::int64_t o = 0; o < outputs; ++o) {
        double total = bias[static_cast<std::size_t>(o)];
        for (std::int64_t c = 0; c < channels; ++c)
          for (std::int64_t k = 0; k < kernel; ++k)
            total += weight[static_cast<std::size_t>((o * channels + c) * kernel + k)] *
                     x[(b * steps + t + k) * channels + c];
        y.push_back(total);
      }
  return y;
}

class Convolution : public Layers, public testing::WithParamInterface<std::int64_t> {};

TEST_P(Convolution, IsTheSumOverChannelsAndKernel) {
  const std::int64_t kernel = GetParam();
  const Tensor y =
      conv1d(capture_, "conv", input(graph_, "x", {DType::f32, {3, 6, 4}}), 5, {.kernel = kernel});
  Bindings bindings = bindings_for(store_);
  const HostTensor x = bindings.inputs["x"] = wavy({3, 6, 4}, 0.2);
  const HostTensor got = evaluate(graph_, {y}, bindings)[0];

  ASSERT_EQ(got.type.shape, (Shape{3, 6 - kernel + 1, 5}));
  EXPECT_THAT(got.values,
              Pointwise(DoubleNear(1e-12), convolved(x, parameter(bindings, "conv.weight"),
                                                     parameter(bindings, "conv.bias"), kernel)));
}

// With cotangents u of the outputs: d/dw = sum u x and d/dx = sum u w, by the definition above.
TEST_P(Convolution, HasTheGradientOfThatSum) {
  const std::int64_t kernel = GetParam(), steps = 6 - kernel + 1;
  const Tensor x = input(graph_, "x", {DType::f32, {3, 6, 4}});
  const Tensor u = input(graph_, "u", {DType::f32, {3, steps, 5}});
  const Tensor y = conv1d(capture_, "conv", x, 5, {.kernel = kernel, .bias = false});
  const Tensor wrt[] = {capture_.uses()[0].value, x};
  const Tensors slopes = gradients(sum(y * u), wrt);
  Bindings bindings = bindings_for(store_);
  const HostTensor xs = bindings.inputs["x"] = wavy({3, 6, 4}, 0.3);
  const HostTensor us = bindings.inputs["u"] = wavy({3, steps, 5}, 0.4);
  const std::vector<HostTensor> got = evaluate(graph_, slopes, bindings);
  const auto weight = parameter(bindings, "conv.weight");

  std::vector<double> dw(weight.size(), 0.0), dx(xs.values.size(), 0.0);
  for (std::int64_t b = 0; b < 3; ++b)
    for (std::int64_t t = 0; t < steps; ++t)
      for (std::int64_t o = 0; o < 5; ++o)
        for (std::int64_t c = 0; c < 4; ++c)
          for (std::int64_t k = 0; k < kernel; ++k) {
            const double cotangent = us[(b * steps + t) * 5 + o];
            const auto w = static_cast<std::size_t>((o * 4 + c) * kernel + k);
            const auto at = static_cast<std::size_t>((b * 6 + t + k) * 4 + c);
            dw[w] += cotangent * xs.values[at];
            dx[at] += cotangent * weight[w];
          }
  EXPECT_THAT(got[0].values, Pointwise(DoubleNear(1e-12), dw));
  EXPECT_THAT(got[1].values, Pointwise(DoubleNear(1e-12), dx));
}

INSTANTIATE_TEST_SUITE_P(Kernels, Convolution, testing::Values(1, 2, 5, 6));

TEST_F(Layers, AKernelLongerThanTheSequenceIsRefused) {
  const Tensor x = input(graph_, "x", {DType::f32, {3, 6, 4}});
  EXPECT_THAT([&] { conv1d(capture_, "proj_l", x, 5, {.kernel = 7}); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("kernel of 7"), HasSubstr("(3, 6, 4)"),
                                                  HasSubstr("proj_l"))));
}

TEST_F(Layers, NormalizationStartsAsThePlainOne) {
  const Tensor y = layer_norm(capture_, "norm", input(graph_, "x", {DType::f32, {2, 3}}));
  Bindings bindings = bindings_for(store_);
  bindings.inputs["x"] = wavy({2, 3}, 0);
  bindings.inputs["x"].values = {1, 2, 3, 5, 5, 5};
  const HostTensor got = evaluate(graph_, {y}, bindings)[0];
  // Row one: mean 2, variance 2/3. Row two has no variance.
  const double end = 1 / std::sqrt(2.0 / 3 + 1e-5);
  EXPECT_THAT(got.values, Pointwise(DoubleNear(1e-9), std::vector<double>{-end, 0, end, 0, 0, 0}));
  EXPECT_NE(store_.find("norm.weight"), nullptr);
  EXPECT_NE(store_.find("norm.bias"), nullptr);
}

}  // namespace
}  // namespace trine::nn
