// The rules of ops that sum over an axis: products, reductions, layer norm.
#include <limits>

#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// Leading axes of a product broadcast in ONNX too, so only rows and columns must be all there.
Operand matrix(const Place& at, std::size_t k) {
  const Operand& x = at.loose(k);
  const Sizes full = at.input_shape(k);
  const std::size_t given = x.shape.size(), rank = full.size();
  const bool whole =
      given >= 2 && x.shape[given - 1] == full[rank - 1] && x.shape[given - 2] == full[rank - 2];
  return whole ? x : at.full(k);
}

Operands matmul(GraphWriter& to, const Place& at) {
  const Operand a = matrix(at, 0), b = matrix(at, 1);
  const Sizes leading =
      broadcast({a.shape.begin(), a.shape.end() - 2}, {b.shape.begin(), b.shape.end() - 2});
  Sizes shape = leading;
  shape.push_back(a.shape[a.shape.size() - 2]);
  shape.push_back(b.shape.back());
  return {{to.add("MatMul", {a.name, b.name}), shape}};
}

Operands reduce_sum(GraphWriter& to, const Place& at) {
  return {{to.add("ReduceSum", {at.full(0).name, to.whole_numbers(at.integers("axes"))},
                  {{"keepdims", std::int64_t{0}}}),
           at.output_shape()}};
}

// NaN where an element is; what ONNX Runtime's ReduceMax makes of NaN depends on the axes.
Operands reduce_max(GraphWriter& to, const Place& at) {
  const auto largest = [&](const std::string& x) {
    return to.add("ReduceMax", {x}, {{"axes", at.integers("axes")}, {"keepdims", std::int64_t{0}}});
  };
  const std::string x = at.full(0).name;
  const std::string is_nan =
      to.add("Cast", {to.add("IsNaN", {x})}, {{"to", data_type(DType::f32)}});
  const std::string any = to.add("Greater", {largest(is_nan), to.scalar(0.0f)});
  const std::string nan = to.scalar(std::numeric_limits<float>::quiet_NaN());
  return {{to.add("Where", {any, nan, largest(x)}), at.output_shape()}};
}

Operands layer_norm(GraphWriter& to, const Place& at) {
  return {{to.add("LayerNormalization", {at.full(0).name, at.full(1).name, at.full(2).name},
                  {{"axis", std::int64_t{-1}},
                   {"epsilon", static_cast<float>(at.attrs().real("epsilon"))}}),
           at.output_shape()}};
}

}  // namespace

std::vector<OpRule> sums_rules() {
  return {{"matmul", matmul},
          {"reduce_sum", reduce_sum},
          {"reduce_max", reduce_max},
          {"layer_norm", layer_norm}};
}

}  // namespace trine::onnx
