#include "engine/ops/elementwise.h"

#include <bit>
#include <cmath>
#include <map>

#include "engine/error.h"
#include "engine/ops/views.h"
#include "engine/philox.h"

namespace trine {
namespace {

// The names that table expressions may use, in double.
namespace scalar {
using std::abs, std::cos, std::erf, std::exp, std::expm1, std::floor, std::log, std::pow, std::sin,
    std::sqrt, std::tanh;
// NaN where either operand is.
double max(double x, double y) { return x > y || std::isnan(x) ? x : y; }
double min(double x, double y) { return x < y || std::isnan(x) ? x : y; }

#define TRINE_ROW(name, expression)                                       \
  double name##_row([[maybe_unused]] double x, [[maybe_unused]] double y, \
                    [[maybe_unused]] double z) {                          \
    return expression;                                                    \
  }
#define TRINE_UNARY(name, expression, ...) TRINE_ROW(name, expression)
#define TRINE_BINARY(name, expression, ...) TRINE_ROW(name, expression)
#define TRINE_TERNARY(name, expression, ...) TRINE_ROW(name, expression)
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
#undef TRINE_ROW
}  // namespace scalar

enum class Row {
#define TRINE_UNARY(name, ...) name,
#define TRINE_BINARY(name, ...) name,
#define TRINE_TERNARY(name, ...) name,
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
};

constexpr ElementwiseFn kFns[] = {
#define TRINE_ROW(name, arity, expression) \
  {#name, arity, expression, scalar::name##_row, static_cast<int>(Row::name)},
#define TRINE_UNARY(name, expression, ...) TRINE_ROW(name, 1, #expression)
#define TRINE_BINARY(name, expression, ...) TRINE_ROW(name, 2, #expression)
#define TRINE_TERNARY(name, expression, ...) TRINE_ROW(name, 3, #expression)
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
#undef TRINE_ROW
};

const ElementwiseFn& fn_of(Row row) { return kFns[static_cast<int>(row)]; }

std::vector<Type> infer_same(std::string_view name, std::span<const Type> inputs) {
  for (const Type& input : inputs) {
    if (input.dtype != DType::f32)
      fail("{}: operands are f32 and one is {}; convert it with cast()", name, to_string(input));
    if (input.shape != inputs[0].shape)
      fail("{}: shapes {} and {} differ", name, to_string(inputs[0].shape), to_string(input.shape));
  }
  return {inputs[0]};
}

template <Row row>
std::vector<Type> infer_row(const Attrs&, std::span<const Type> inputs) {
  return infer_same(fn_of(row).name, inputs);
}

template <Row row>
int express_row(const Attrs&, ExpressionBuilder& builder, std::span<const int> inputs) {
  return builder.apply(fn_of(row), inputs);
}

template <Row row>
void reference_row(const Attrs&, const RunParams&, std::span<const HostTensor> in,
                   std::span<HostTensor> out) {
  auto at = [&](std::size_t k, std::int64_t i) { return k < in.size() ? in[k][i] : 0.0; };
  for (std::int64_t i = 0; i < out[0].size(); ++i)
    out[0][i] = fn_of(row).reference(at(0, i), at(1, i), at(2, i));
}

// ---- gradients, straight from the table ----

const Tensor none;

#define TRINE_UNARY(name, expression, gx, low, high)                                      \
  Tensors name##_vjp(const Vjp& v) {                                                      \
    [[maybe_unused]] const Tensor x = v.inputs[0], r = v.outputs[0], g = v.cotangents[0]; \
    return {gx};                                                                          \
  }
#define TRINE_BINARY(name, expression, gx, gy, low, high)                             \
  Tensors name##_vjp(const Vjp& v) {                                                  \
    [[maybe_unused]] const Tensor x = v.inputs[0], y = v.inputs[1], r = v.outputs[0], \
                                  g = v.cotangents[0];                                \
    return {gx, gy};                                                                  \
  }
#define TRINE_TERNARY(name, expression, gx, gy, gz, low, high)                       \
  Tensors name##_vjp(const Vjp& v) {                                                 \
    [[maybe_unused]] const Tensor x = v.inputs[0], y = v.inputs[1], z = v.inputs[2], \
                                  r = v.outputs[0], g = v.cotangents[0];             \
    return {gx, gy, gz};                                                             \
  }
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

// ---- samples: plain, tiny, ragged against vector widths, and broadcast ----

std::vector<Sample> samples_of(const ElementwiseFn& fn, Tensor (*build)(const Tensors&), double low,
                               double high) {
  auto input = [&](Shape shape) { return SampleInput{{DType::f32, shape}, low, high}; };
  auto sample = [&](std::string label, std::vector<SampleInput> inputs) {
    return Sample{std::move(label), std::move(inputs),
                  [build](Graph&, const Tensors& t) { return Tensors{build(t)}; }};
  };
  auto all = [&](Shape shape) {
    return std::vector<SampleInput>(static_cast<std::size_t>(fn.arity), input(shape));
  };
  std::vector<Sample> samples = {sample("dense", all({5, 37})), sample("one", all({1})),
                                 sample("long", all({4099}))};
  if (fn.arity == 2) {
    samples.push_back(sample("broadcast row", {input({3, 4, 5}), input({5})}));
    samples.push_back(sample("broadcast both", {input({3, 1, 5}), input({4, 1})}));
    samples.push_back(sample("scalar tensor", {input({}), input({7})}));
  }
  return samples;
}

#define TRINE_UNARY(name, expression, gx, low, high)                               \
  std::vector<Sample> name##_samples() {                                           \
    return samples_of(                                                             \
        fn_of(Row::name), [](const Tensors& t) { return name(t[0]); }, low, high); \
  }
#define TRINE_BINARY(name, expression, gx, gy, low, high)                                \
  std::vector<Sample> name##_samples() {                                                 \
    return samples_of(                                                                   \
        fn_of(Row::name), [](const Tensors& t) { return name(t[0], t[1]); }, low, high); \
  }
#define TRINE_TERNARY(name, expression, gx, gy, gz, low, high)                                 \
  std::vector<Sample> name##_samples() {                                                       \
    return samples_of(                                                                         \
        fn_of(Row::name), [](const Tensors& t) { return name(t[0], t[1], t[2]); }, low, high); \
  }
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

// Whether a row has any gradient at all: `none` for every input means it has not.
constexpr bool has_gradient(std::string_view gradients) {
  while (gradients.starts_with("none")) {
    gradients.remove_prefix(4);
    while (gradients.starts_with(",") || gradients.starts_with(" ")) gradients.remove_prefix(1);
  }
  return !gradients.empty();
}

template <Row row>
OpDef make_op(Tensors (*vjp)(const Vjp&), std::vector<Sample> (*samples)()) {
  OpDef op;
  op.name = fn_of(row).name;
  op.kind = OpKind::elementwise;
  op.infer = infer_row<row>;
  op.vjp = vjp;
  op.reference = reference_row<row>;
  op.samples = samples;
  op.express = express_row<row>;
  return op;
}

const OpDef kOps[] = {
#define TRINE_ROW(name, gradients) \
  make_op<Row::name>(has_gradient(gradients) ? name##_vjp : nullptr, name##_samples),
#define TRINE_UNARY(name, expression, gx, low, high) TRINE_ROW(name, #gx)
#define TRINE_BINARY(name, expression, gx, gy, low, high) TRINE_ROW(name, #gx ", " #gy)
#define TRINE_TERNARY(name, expression, gx, gy, gz, low, high) \
  TRINE_ROW(name, #gx ", " #gy ", " #gz)
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
#undef TRINE_ROW
};

// ---- capture: broadcast the operands, then append the node ----

Tensor capture(Row row, std::initializer_list<Tensor> operands) {
  std::vector<Tensor> inputs(operands);
  Shape shape = inputs[0].shape();
  for (const Tensor& input : inputs) shape = broadcast_shape(shape, input.shape(), fn_of(row).name);
  for (Tensor& input : inputs) input = broadcast_to(input, shape);
  return inputs[0].graph().add(kOps[static_cast<int>(row)], {}, inputs).front();
}

Tensor scalar_of(Graph& graph, float value) { return fill(graph, {}, value); }

}  // namespace

std::span<const ElementwiseFn> elementwise_fns() { return kFns; }

#define TRINE_UNARY(name, ...) \
  Tensor name(Tensor x) { return capture(Row::name, {x}); }
#define TRINE_BINARY(name, ...)                                                               \
  Tensor name(Tensor x, Tensor y) { return capture(Row::name, {x, y}); }                      \
  Tensor name(Tensor x, float y) { return capture(Row::name, {x, scalar_of(x.graph(), y)}); } \
  Tensor name(float x, Tensor y) { return capture(Row::name, {scalar_of(y.graph(), x), y}); }
#define TRINE_TERNARY(name, ...)                                                      \
  Tensor name(Tensor x, Tensor y, Tensor z) { return capture(Row::name, {x, y, z}); } \
  Tensor name(Tensor x, Tensor y, float z) {                                          \
    return capture(Row::name, {x, y, scalar_of(x.graph(), z)});                       \
  }                                                                                   \
  Tensor name(Tensor x, float y, Tensor z) {                                          \
    return capture(Row::name, {x, scalar_of(x.graph(), y), z});                       \
  }                                                                                   \
  Tensor name(Tensor x, float y, float z) {                                           \
    return capture(Row::name, {x, scalar_of(x.graph(), y), scalar_of(x.graph(), z)}); \
  }
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

// ---- elementwise ops that are not a row: they carry attributes ----

namespace {

DType dtype_attr(const Attrs& attrs) { return static_cast<DType>(attrs.integer("dtype")); }

const OpDef kCast = [] {
  OpDef op;
  op.name = "cast";
  op.exact = true;
  op.kind = OpKind::elementwise;
  op.infer = [](const Attrs& attrs, std::span<const Type> in) {
    return std::vector<Type>{{dtype_attr(attrs), in[0].shape}};
  };
  op.vjp = [](const Vjp&) { return Tensors{none}; };
  op.reference = [](const Attrs& attrs, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const bool truncate = dtype_attr(attrs) == DType::i32;
    for (std::int64_t i = 0; i < out[0].size(); ++i)
      out[0][i] = truncate ? std::trunc(in[0][i]) : in[0][i];
  };
  op.samples = [] {
    return std::vector<Sample>{
        {"to integer",
         {{{DType::f32, {6, 7}}, -9, 9}},
         [](Graph&, const Tensors& t) { return Tensors{cast(t[0], DType::i32)}; }},
        {"to float", {{{DType::i32, {6, 7}}, -9, 9}}, [](Graph&, const Tensors& t) {
           return Tensors{cast(t[0], DType::f32)};
         }}};
  };
  op.express = [](const Attrs&, ExpressionBuilder&, std::span<const int> in) { return in[0]; };
  return op;
}();

const OpDef kFill = [] {
  OpDef op;
  op.name = "fill";
  op.exact = true;
  op.kind = OpKind::elementwise;
  op.infer = [](const Attrs& attrs, std::span<const Type>) {
    return std::vector<Type>{{DType::f32, attrs.dims("shape")}};
  };
  op.reference = [](const Attrs& attrs, const RunParams&, std::span<const HostTensor>,
                    std::span<HostTensor> out) {
    const double value = static_cast<float>(attrs.real("value"));
    for (double& v : out[0].values) v = value;
  };
  op.samples = [] {
    return std::vector<Sample>{{"filled", {}, [](Graph& graph, const Tensors&) {
                                  return Tensors{fill(graph, {3, 5}, 1.25f)};
                                }}};
  };
  op.express = [](const Attrs& attrs, ExpressionBuilder& builder, std::span<const int>) {
    return builder.constant(static_cast<float>(attrs.real("value")));
  };
  return op;
}();

}  // namespace

Tensor cast(Tensor x, DType to) {
  if (x.dtype() == to) return x;
  return x.graph().add_one(kCast, {{"dtype", static_cast<std::int64_t>(to)}}, {x});
}

Tensor fill(Graph& graph, Shape shape, float value) {
  return graph.add_one(kFill, {{"shape", shape}, {"value", static_cast<double>(value)}}, {});
}

std::vector<const OpDef*> elementwise_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef& op : kOps) ops.push_back(&op);
  ops.insert(ops.end(), {&kCast, &kFill});
  return ops;
}

}  // namespace trine
