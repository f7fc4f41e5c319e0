// Gradient rules against central differences in double: <u, J v> = <J' u, v> for random cotangents
// u and directions v, which sees mistakes that the gradient of a plain sum does not.
#include <gtest/gtest.h>

#include <cmath>

#include <fmt/format.h>

#include "backends/conformance/sample_values.h"
#include "engine/evaluate.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "engine/passes/autodiff.h"

namespace trine {
namespace {

double dot(const HostTensor& a, const HostTensor& b) {
  double total = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

// Everything about one sample that the two sides of the identity need.
struct Check {
  Graph graph;
  Tensors inputs, outputs, gradients, wrt;
  Bindings bindings;
  std::vector<HostTensor> cotangents;
  std::vector<HostTensor> directions;  // one for each of wrt

  explicit Check(const Sample& sample) {
    bindings.step = {.seed = 77, .step = 3, .learning_rate = 0.1f};
    for (std::size_t k = 0; k < sample.inputs.size(); ++k) {
      const std::string name = fmt::format("input{}", k);
      inputs.push_back(input(graph, name, sample.inputs[k].type));
      bindings.inputs[name] = sample_value(sample.inputs[k], static_cast<std::uint32_t>(k), 0);
      if (inputs.back().dtype() != DType::f32) continue;
      wrt.push_back(inputs.back());
      directions.push_back(
          sample_value({sample.inputs[k].type, -1, 1}, 50 + static_cast<std::uint32_t>(k), 1));
    }
    outputs = sample.build(graph, inputs);
    Tensors handles;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const std::string name = fmt::format("cotangent{}", k);
      handles.push_back(input(graph, name, outputs[k].type()));
      cotangents.push_back(
          sample_value({outputs[k].type(), -1, 1}, 100 + static_cast<std::uint32_t>(k), 2));
      bindings.inputs[name] = cotangents.back();
    }
    gradients = vector_jacobian(outputs, handles, wrt);
  }

  // <u, J v> by moving the inputs along v.
  double directional() { return (moved(+kStep) - moved(-kStep)) / (2 * kStep); }

  // <J' u, v> by the gradient graph.
  double through_gradients() {
    Tensors present;
    for (const Tensor& g : gradients)
      if (g) present.push_back(g);
    const std::vector<HostTensor> values = evaluate(graph, present, bindings);
    double total = 0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < gradients.size(); ++k)
      if (gradients[k]) total += dot(values[at++], directions[k]);
    return total;
  }

 private:
  static constexpr double kStep = 1e-6;

  double moved(double step) {
    Bindings shifted = bindings;
    std::size_t at = 0;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (inputs[k].dtype() != DType::f32) continue;
      HostTensor& value = shifted.inputs[fmt::format("input{}", k)];
      for (std::int64_t i = 0; i < value.size(); ++i) value[i] += step * directions[at][i];
      ++at;
    }
    const std::vector<HostTensor> values = evaluate(graph, outputs, shifted);
    double total = 0;
    for (std::size_t k = 0; k < values.size(); ++k) total += dot(cotangents[k], values[k]);
    return total;
  }
};

class Gradient : public testing::TestWithParam<const OpDef*> {};

TEST_P(Gradient, AgreesWithDifferences) {
  for (const Sample& sample : GetParam()->samples()) {
    if (GetParam()->name == "stop_gradient") continue;  // differs from its derivative on purpose
    Check check(sample);
    const double expected = check.directional(), actual = check.through_gradients();
    EXPECT_NEAR(actual, expected, 2e-6 * std::max(1.0, std::abs(expected)))
        << GetParam()->name << "/" << sample.label;
  }
}

std::vector<const OpDef*> differentiable_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : all_ops())
    if (op->vjp && op->samples && op->name != "cast") ops.push_back(op);
  return ops;
}

INSTANTIATE_TEST_SUITE_P(Ops, Gradient, testing::ValuesIn(differentiable_ops()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(Gradient, StopGradientStops) {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {3}});
  const Tensor wrt[] = {x};
  const Tensor loss = sum(stop_gradient(x) * stop_gradient(x));
  EXPECT_FALSE(gradients(loss, wrt)[0]);
}

TEST(Gradient, EveryOpIsDifferentiableOrListedAsNot) {
  std::vector<std::string> without;
  for (const OpDef* op : all_ops())
    if (!op->vjp && op->kind == OpKind::structured) without.emplace_back(op->name);
  EXPECT_EQ(without, (std::vector<std::string>{"attention_grad", "layer_norm_grad"}));
}

}  // namespace
}  // namespace trine
