#include "engine/ops/state.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {
namespace {

using Types = std::vector<Type>;

OpDef source(std::string_view name, bool pure) {
  OpDef op;
  op.name = name;
  op.kind = OpKind::source;
  op.pure = pure;
  op.infer = [](const Attrs& a, std::span<const Type>) {
    const DType dtype = a.has("dtype") ? static_cast<DType>(a.integer("dtype")) : DType::f32;
    return Types{{dtype, a.dims("shape")}};
  };
  return op;
}

}  // namespace

const OpDef kInput = source("input", true);
const OpDef kState = source("state", true);
const OpDef kLiteral = source("literal", true);
const OpDef kStepScalar = source("step_scalar", true);

const OpDef kAssign = [] {
  OpDef op;
  op.name = "assign";
  op.kind = OpKind::effect;
  op.pure = false;
  op.infer = [](const Attrs&, std::span<const Type> in) {
    if (in[0] != in[1])
      fail("assign: the state is {} and the value {}", to_string(in[0]), to_string(in[1]));
    return Types{};
  };
  return op;
}();

Tensor input(Graph& graph, std::string name, Type type) {
  for (const Node& node : graph.nodes())
    if (node.op == &kInput && node.attrs.text("name") == name)
      fail("input: this graph already has an input named '{}'", name);
  return graph.add_one(kInput,
                       {{"name", std::move(name)},
                        {"dtype", static_cast<std::int64_t>(type.dtype)},
                        {"shape", type.shape}},
                       {});
}

Tensor state(Graph& graph, std::string buffer, std::int64_t offset, Shape shape) {
  return graph.add_one(kState,
                       {{"buffer", std::move(buffer)}, {"offset", offset}, {"shape", shape}}, {});
}

void assign(Tensor target, Tensor value) {
  Graph& graph = target.graph();
  if (graph.node(target.node()).op != &kState)
    fail("assign: the first operand must be a state(), and this is the result of {}",
         graph.node(target.node()).op->name);
  const Tensor inputs[] = {target, value};
  graph.add(kAssign, {}, inputs);
}

namespace {

Tensor step_scalar(Graph& graph, StepWord word) {
  return graph.add_one(kStepScalar, {{"word", static_cast<std::int64_t>(word)}, {"shape", Shape{}}},
                       {});
}

}  // namespace

Tensor learning_rate(Graph& graph) { return step_scalar(graph, StepWord::learning_rate); }
Tensor step_number(Graph& graph) { return step_scalar(graph, StepWord::step_as_float); }

Tensor literal(Graph& graph, Shape shape, std::vector<float> values) {
  if (count(shape) != static_cast<std::int64_t>(values.size()))
    fail("literal: {} values do not fill the shape {}", values.size(), to_string(shape));
  return graph.add_one(
      kLiteral,
      {{"shape", shape}, {"values", std::make_shared<const std::vector<float>>(std::move(values))}},
      {});
}

std::vector<const OpDef*> state_ops() {
  return {&kInput, &kState, &kLiteral, &kStepScalar, &kAssign};
}

}  // namespace trine
