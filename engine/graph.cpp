#include "engine/graph.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {

const Type& Tensor::type() const {
  if (!graph_) fail("a tensor handle that belongs to no graph was used");
  return graph_->type({node_, output_});
}

std::int64_t Tensor::dim(int axis) const { return shape()[normalize_axis(axis, rank(), "dim")]; }

Tensors Graph::add(const OpDef& op, Attrs attrs, std::span<const Tensor> inputs) {
  Node node{
      .op = &op, .attrs = std::move(attrs), .inputs = {}, .outputs = {}, .scope = current_scope_};
  std::vector<Type> types;
  for (const Tensor& input : inputs) {
    if (!input || &input.graph() != this)
      fail("{}: input {} belongs to {} graph", op.name, node.inputs.size(),
           input ? "another" : "no");
    node.inputs.push_back({input.node(), input.output()});
    types.push_back(input.type());
  }
  try {
    node.outputs = op.infer(node.attrs, types);
  } catch (const Error& error) {
    if (scope().empty()) throw;
    fail("{} in {}", error.what(), scope());
  }
  nodes_.push_back(std::move(node));
  Tensors outputs;
  const int index = static_cast<int>(nodes_.size()) - 1;
  for (int i = 0; i < static_cast<int>(nodes_.back().outputs.size()); ++i)
    outputs.emplace_back(this, index, i);
  return outputs;
}

Tensor Graph::add_one(const OpDef& op, Attrs attrs, std::initializer_list<Tensor> inputs) {
  return add(op, std::move(attrs), std::span(inputs.begin(), inputs.size())).front();
}

void Graph::fetch(std::string name, Tensor value) {
  const bool taken = std::any_of(fetches_.begin(), fetches_.end(),
                                 [&](const NamedValue& f) { return f.name == name; });
  if (taken) fail("fetch: this graph already gives a value named '{}'; choose another name", name);
  fetches_.push_back({std::move(name), {value.node(), value.output()}});
}

void Graph::enter_scope(std::string path) {
  auto found = std::find(scopes_.begin(), scopes_.end(), path);
  current_scope_ = static_cast<int>(found - scopes_.begin());
  if (found == scopes_.end()) scopes_.push_back(std::move(path));
}

Scope::Scope(Graph& graph, std::string_view name) : graph_(graph), previous_(graph.scope_index()) {
  graph.enter_scope(graph.scope().empty() ? std::string(name)
                                          : fmt::format("{}.{}", graph.scope(), name));
}

std::string to_string(const Graph& graph) {
  std::string text;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    std::string inputs, outputs;
    for (const Value& value : node.inputs)
      inputs += value.output ? fmt::format(" %{}.{}", value.node, value.output)
                             : fmt::format(" %{}", value.node);
    for (const Type& type : node.outputs) outputs += fmt::format(" {}", to_string(type));
    text += fmt::format("%{} ={} {}{}", i, outputs, node.op->name, inputs);
    if (!node.attrs.empty()) text += fmt::format("  [{}]", to_string(node.attrs));
    if (node.scope) text += fmt::format("  # {}", graph.scope_name(node.scope));
    text += '\n';
  }
  for (const NamedValue& f : graph.fetches())
    text += fmt::format("fetch {} = %{}.{}\n", f.name, f.value.node, f.value.output);
  return text;
}

}  // namespace trine
