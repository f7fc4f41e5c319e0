#include "engine/ops/random.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/op.h"
#include "engine/ops/elementwise.h"
#include "engine/philox.h"

namespace trine {
namespace {

const ElementwiseFn& row_named(std::string_view name) {
  return *std::ranges::find(elementwise_fns(), name, &ElementwiseFn::name);
}

std::uint32_t id_attr(const Attrs& attrs) {
  return static_cast<std::uint32_t>(attrs.integer("id"));
}

const OpDef kRandomUniform = [] {
  OpDef op;
  op.name = "random_uniform";
  op.exact = true;
  op.kind = OpKind::elementwise;
  op.pure = false;
  op.infer = [](const Attrs& attrs, std::span<const Type>) {
    return std::vector<Type>{{DType::f32, attrs.dims("shape")}};
  };
  op.reference = [](const Attrs& attrs, const RunParams& params, std::span<const HostTensor>,
                    std::span<HostTensor> out) {
    for (std::int64_t i = 0; i < out[0].size(); ++i)
      out[0][i] =
          random_uniform(params.seed, id_attr(attrs), params.step, static_cast<std::uint64_t>(i));
  };
  op.samples = [] {
    return std::vector<Sample>{
        {"drawn", {}, [](Graph& graph, const Tensors&) {
           return Tensors{random_uniform(graph, {7, 9}), random_uniform(graph, {4097})};
         }}};
  };
  op.express = [](const Attrs& attrs, ExpressionBuilder& builder, std::span<const int>) {
    return builder.random(id_attr(attrs));
  };
  return op;
}();

Tensor dropout_with_id(Tensor x, double rate, std::int64_t id);

const OpDef kDropout = [] {
  OpDef op;
  op.name = "dropout";
  op.kind = OpKind::elementwise;
  op.pure = false;
  op.infer = [](const Attrs&, std::span<const Type> in) { return std::vector<Type>{in[0]}; };
  // The same id makes the same mask.
  op.vjp = [](const Vjp& v) {
    return Tensors{dropout_with_id(v.cotangents[0], v.attrs.real("rate"), v.attrs.integer("id"))};
  };
  op.reference = [](const Attrs& attrs, const RunParams& params, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const float rate = static_cast<float>(attrs.real("rate"));
    for (std::int64_t i = 0; i < out[0].size(); ++i) {
      const float u =
          random_uniform(params.seed, id_attr(attrs), params.step, static_cast<std::uint64_t>(i));
      out[0][i] = u >= rate ? in[0][i] / (1.0 - rate) : 0.0;
    }
  };
  op.samples = [] {
    auto build = [](Graph&, const Tensors& t) { return Tensors{dropout(t[0], 0.3)}; };
    return std::vector<Sample>{{"matrix", {{{DType::f32, {5, 37}}}}, build},
                               {"long", {{{DType::f32, {4099}}}}, build}};
  };
  op.express = [](const Attrs& attrs, ExpressionBuilder& builder, std::span<const int> in) {
    const int draw = builder.random(id_attr(attrs));
    const int rate = builder.constant(static_cast<float>(attrs.real("rate")));
    const int args[] = {in[0], draw, rate};
    return builder.apply(row_named("keep"), args);
  };
  return op;
}();

Tensor dropout_with_id(Tensor x, double rate, std::int64_t id) {
  return x.graph().add_one(kDropout, {{"rate", rate}, {"id", id}}, {x});
}

}  // namespace

Tensor random_uniform(Graph& graph, Shape shape) {
  const std::int64_t id = graph.next_random_id();
  return graph.add_one(kRandomUniform, {{"shape", shape}, {"id", id}}, {});
}

Tensor dropout(Tensor x, double rate) {
  if (!(rate >= 0.0 && rate < 1.0))
    fail("dropout: the rate is {}; it must be at least 0 and less than 1", rate);
  if (rate == 0.0) return x;
  return dropout_with_id(x, rate, x.graph().next_random_id());
}

std::vector<const OpDef*> random_ops() { return {&kRandomUniform, &kDropout}; }

}  // namespace trine
