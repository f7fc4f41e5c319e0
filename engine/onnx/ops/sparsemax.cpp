// Sparsemax, which ONNX has no operator of: by sorting, as its paper has it.
#include <limits>
#include <numeric>

#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// (..., 1): the largest of each row; NaN where an element is, which ReduceMax may drop.
std::string largest_of(GraphWriter& to, const std::string& x) {
  const auto largest = [&](const std::string& of) {
    return to.add("ReduceMax", {of},
                  {{"axes", std::vector<std::int64_t>{-1}}, {"keepdims", std::int64_t{1}}});
  };
  const std::string is_nan =
      to.add("Cast", {to.add("IsNaN", {x})}, {{"to", data_type(DType::f32)}});
  const std::string any = to.add("Greater", {largest(is_nan), to.scalar(0.0f)});
  const std::string nan = to.scalar(std::numeric_limits<float>::quiet_NaN());
  return to.add("Where", {any, nan, largest(x)});
}

std::string row_sum(GraphWriter& to, const std::string& x) {
  return to.add("ReduceSum", {x, to.whole_numbers({-1})}, {{"keepdims", std::int64_t{1}}});
}

// 1, 2, ..., n.
std::string counts(GraphWriter& to, std::int64_t n) {
  std::vector<float> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 1.0f);
  return to.initializer(fmt::format("counts_{}", n), io::Array::from(numbers, {n}));
}

// Sorted element k, counted from 1, is kept where 1 + k z_k is more than the sum of the first k.
std::string threshold(GraphWriter& to, const std::string& z, std::int64_t n) {
  const std::string sorted =
      to.add_several("TopK", 2, {z, to.whole_numbers({n})}, {{"axis", std::int64_t{-1}}})[0];
  const std::string sums = to.add("CumSum", {sorted, to.whole_numbers({-1})});
  const std::string reach =
      to.add("Add", {to.add("Mul", {sorted, counts(to, n)}), to.scalar(1.0f)});
  const std::string kept = to.add("Greater", {reach, sums});
  const std::string number = row_sum(to, to.add("Cast", {kept}, {{"to", data_type(DType::f32)}}));
  const std::string total = row_sum(to, to.add("Where", {kept, sorted, to.scalar(0.0f)}));
  return to.add("Div", {to.add("Sub", {total, to.scalar(1.0f)}), number});
}

Operands sparsemax(GraphWriter& to, const Place& at) {
  const Operand x = at.full(0);
  const std::string largest = largest_of(to, x.name);
  const std::string z = to.add("Sub", {x.name, largest});
  const std::string above = to.add("Sub", {z, threshold(to, z, at.fixed(x.shape.back()))});
  const std::string kept =
      to.add("Where", {to.add("Greater", {above, to.scalar(0.0f)}), above, to.scalar(0.0f)});
  // NaN where the largest is not finite, else 0.
  const std::string fault = to.add("Sub", {largest, largest});
  return {{to.add("Add", {kept, fault}), x.shape}};
}

}  // namespace

std::vector<OpRule> sparsemax_rules() { return {{"sparsemax", sparsemax}}; }

}  // namespace trine::onnx
