#include "engine/evaluate.h"

#include <bit>

#include "engine/error.h"
#include "engine/ops/state.h"

namespace trine {
namespace {

HostTensor source_value(const Node& node, Bindings& bindings) {
  HostTensor value(node.outputs[0]);
  if (node.op == &kInput) {
    const auto found = bindings.inputs.find(node.attrs.text("name"));
    if (found == bindings.inputs.end())
      fail("evaluate: no value was given for the input '{}'", node.attrs.text("name"));
    value.values = found->second.values;
  } else if (node.op == &kState) {
    const std::vector<double>& buffer = bindings.states.at(node.attrs.text("buffer"));
    for (std::int64_t i = 0; i < value.size(); ++i)
      value[i] = buffer.at(static_cast<std::size_t>(node.attrs.integer("offset") + i));
  } else if (node.op == &kLiteral) {
    value.values.assign(node.attrs.literal("values")->begin(), node.attrs.literal("values")->end());
  } else {
    const auto word = static_cast<std::size_t>(node.attrs.integer("word"));
    value[0] = std::bit_cast<float>(to_words(bindings.step)[word]);
  }
  return value;
}

struct PendingAssign {
  const Node* target;
  HostTensor value;
};

}  // namespace

std::vector<HostTensor> evaluate_node(const Node& node, std::span<const HostTensor> inputs,
                                      const RunParams& step) {
  std::vector<HostTensor> outputs;
  for (const Type& type : node.outputs) outputs.emplace_back(type);
  if (!node.op->reference) fail("evaluate: {} has no reference", node.op->name);
  node.op->reference(node.attrs, step, inputs, outputs);
  return outputs;
}

std::vector<HostTensor> evaluate(const Graph& graph, const Tensors& wanted, Bindings& bindings) {
  std::vector<std::vector<HostTensor>> values;
  std::vector<PendingAssign> assigns;
  auto value_of = [&](Value v) -> const HostTensor& {
    return values[static_cast<std::size_t>(v.node)][static_cast<std::size_t>(v.output)];
  };
  for (const Node& node : graph.nodes()) {
    std::vector<HostTensor> outputs;
    if (const auto given = bindings.given.find(static_cast<int>(values.size()));
        given != bindings.given.end()) {
      outputs = given->second;
    } else if (node.op->kind == OpKind::source) {
      outputs.push_back(source_value(node, bindings));
    } else if (node.op == &kAssign) {
      assigns.push_back({&graph.node(node.inputs[0].node), value_of(node.inputs[1])});
    } else {
      std::vector<HostTensor> inputs;
      for (const Value& input : node.inputs) inputs.push_back(value_of(input));
      outputs = evaluate_node(node, inputs, bindings.step);
    }
    values.push_back(std::move(outputs));
  }
  std::vector<HostTensor> results;
  for (const Tensor& tensor : wanted) results.push_back(value_of({tensor.node(), tensor.output()}));
  for (const PendingAssign& assign : assigns) {
    std::vector<double>& buffer = bindings.states.at(assign.target->attrs.text("buffer"));
    const auto offset = static_cast<std::size_t>(assign.target->attrs.integer("offset"));
    for (std::size_t i = 0; i < assign.value.values.size(); ++i)
      buffer.at(offset + i) = assign.value.values[i];
  }
  return results;
}

}  // namespace trine
