#include "engine/passes/simplify.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "engine/evaluate.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

// Literals above this many elements are not worth making from smaller ones.
constexpr std::int64_t kLargestFold = 1 << 16;

std::vector<bool> live_nodes(const Graph& graph) {
  std::vector<bool> live(graph.nodes().size(), false);
  for (const NamedValue& f : graph.fetches()) live[static_cast<std::size_t>(f.value.node)] = true;
  for (std::size_t i = graph.nodes().size(); i-- > 0;) {
    const Node& node = graph.nodes()[i];
    if (node.op->kind == OpKind::effect || node.op == &kInput) live[i] = true;
    if (!live[i]) continue;
    for (const Value& input : node.inputs) live[static_cast<std::size_t>(input.node)] = true;
  }
  return live;
}

std::size_t hash_of(const Node& node) {
  std::size_t h = std::hash<const void*>{}(node.op);
  auto mix = [&](std::size_t x) { h ^= x + 0x9E3779B97F4A7C15u + (h << 6) + (h >> 2); };
  for (const Value& v : node.inputs) mix(static_cast<std::size_t>(v.node) * 8 + static_cast<std::size_t>(v.output));
  mix(std::hash<std::string>{}(to_string(node.attrs)));
  return h;
}

class Simplifier {
 public:
  explicit Simplifier(const Graph& from) : from_(from), map_(from.nodes().size()) {}

  Graph run() {
    const std::vector<bool> live = live_nodes(from_);
    for (std::size_t i = 0; i < from_.nodes().size(); ++i)
      if (live[i]) visit(i);
    for (const NamedValue& f : from_.fetches()) to_.fetch(f.name, mapped(f.value));
    return std::move(to_);
  }

 private:
  Tensor mapped(Value value) const {
    return map_[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  }

  void visit(std::size_t index) {
    const Node& node = from_.nodes()[index];
    Tensors inputs;
    for (const Value& input : node.inputs) inputs.push_back(mapped(input));
    enter(from_.scope_name(node.scope));
    if (Tensor shortcut = rewrite(node, inputs)) {
      map_[index] = {shortcut};
      return;
    }
    map_[index] = merged(*node.op, node.attrs, inputs);
  }

  void enter(const std::string& scope) { to_.enter_scope(scope); }

  // Appends a node unless an equal one stands already.
  Tensors merged(const OpDef& op, const Attrs& attrs, const Tensors& inputs) {
    if (!op.pure || op.kind == OpKind::effect) return to_.add(op, attrs, inputs);
    Node key{.op = &op, .attrs = attrs, .inputs = {}, .outputs = {}, .scope = 0};
    for (const Tensor& t : inputs) key.inputs.push_back({t.node(), t.output()});
    std::vector<int>& bucket = seen_[hash_of(key)];
    for (int candidate : bucket) {
      const Node& other = to_.node(candidate);
      if (other.op != &op || other.attrs != attrs || other.inputs != key.inputs) continue;
      Tensors outputs;
      for (int k = 0; k < static_cast<int>(other.outputs.size()); ++k)
        outputs.emplace_back(&to_, candidate, k);
      return outputs;
    }
    Tensors outputs = to_.add(op, attrs, inputs);
    bucket.push_back(outputs[0].node());
    return outputs;
  }

  const Node& producer(Tensor t) const { return to_.node(t.node()); }

  // The value that every element of `t` has, if it is made by fill().
  std::optional<float> uniform_value(Tensor t) const {
    const Node& node = producer(t);
    if (node.op->name != "fill") return std::nullopt;
    return static_cast<float>(node.attrs.real("value"));
  }

  Tensor filled(const Shape& shape, double value) {
    const Tensor made = fill(to_, shape, static_cast<float>(value));
    return made;
  }

  // A cheaper value that equals the node's only output, or nothing.
  Tensor rewrite(const Node& node, const Tensors& in) {
    if (node.outputs.size() != 1 || !node.op->pure) return {};
    if (Tensor t = identity(node, in)) return t;
    if (Tensor t = of_uniform(node, in)) return t;
    if (Tensor t = view_of_view(node, in)) return t;
    return folded(node, in);
  }

  // x * 1, x / 1, x + 0, x - 0.
  Tensor identity(const Node& node, const Tensors& in) const {
    if (in.size() != 2) return {};
    const auto is = [&](std::size_t k, float v) { return uniform_value(in[k]) == v; };
    if (node.op->name == "multiply" && is(1, 1)) return in[0];
    if (node.op->name == "multiply" && is(0, 1)) return in[1];
    if (node.op->name == "divide" && is(1, 1)) return in[0];
    if (node.op->name == "add" && is(1, 0)) return in[0];
    if (node.op->name == "add" && is(0, 0)) return in[1];
    if (node.op->name == "subtract" && is(1, 0)) return in[0];
    return {};
  }

  // Ops whose operands all repeat one value give such a value.
  Tensor of_uniform(const Node& node, const Tensors& in) {
    if (in.empty() || node.outputs[0].dtype != DType::f32) return {};
    std::vector<HostTensor> ones;
    for (const Tensor& t : in) {
      const auto value = uniform_value(t);
      if (!value) return {};
      ones.emplace_back(Type{DType::f32, {}});
      ones.back()[0] = *value;
    }
    const Shape& shape = node.outputs[0].shape;
    if (node.op->kind == OpKind::view) return filled(shape, ones[0][0]);
    if (node.op->name == "reduce_sum")
      return filled(shape, ones[0][0] * static_cast<double>(count(in[0].shape())) /
                               static_cast<double>(count(shape)));
    if (node.op->kind != OpKind::elementwise) return {};
    Node scalar = node;
    scalar.outputs = {{DType::f32, {}}};
    return filled(shape, evaluate_node(scalar, ones, {})[0][0]);
  }

  // reshape(reshape(x)) and stop_gradient(x), which has done its work once gradients are taken.
  Tensor view_of_view(const Node& node, const Tensors& in) {
    if (node.op->name == "stop_gradient") return in[0];
    if (node.op->name == "permute" && producer(in[0]).op == node.op) {
      const Dims &outer = node.attrs.dims("axes"), &inner = producer(in[0]).attrs.dims("axes");
      Dims both = outer;
      bool same = true;
      for (int i = 0; i < both.rank(); ++i) {
        both[i] = inner[static_cast<int>(outer[i])];
        same = same && both[i] == i;
      }
      const Tensor base = to_.tensor(producer(in[0]).inputs[0]);
      return same ? base : merged(*node.op, {{"axes", both}}, {base}).front();
    }
    if (node.op->name == "reshape" && producer(in[0]).op == node.op) {
      const Tensor base = to_.tensor(producer(in[0]).inputs[0]);
      if (base.shape() == node.outputs[0].shape) return base;
      return merged(*node.op, node.attrs, {base}).front();
    }
    return {};
  }

  // Small pure nodes over literals are evaluated now.
  Tensor folded(const Node& node, const Tensors& in) {
    if (in.empty() || node.outputs[0].dtype != DType::f32 || !node.op->reference) return {};
    if (count(node.outputs[0].shape) > kLargestFold || node.op->kind == OpKind::view) return {};
    std::vector<HostTensor> values;
    for (const Tensor& t : in) {
      auto value = known(t);
      if (!value) return {};
      values.push_back(std::move(*value));
    }
    const HostTensor result = evaluate_node(node, values, {})[0];
    return literal(to_, result.type.shape, {result.values.begin(), result.values.end()});
  }

  // The value of a literal, or of a view or fill that leads to one.
  std::optional<HostTensor> known(Tensor t) const {
    const Node& node = producer(t);
    if (t.dtype() != DType::f32 || count(t.shape()) > kLargestFold) return std::nullopt;
    if (node.op == &kLiteral) {
      HostTensor value(t.type());
      const std::vector<float>& data = *node.attrs.literal("values");
      value.values.assign(data.begin(), data.end());
      return value;
    }
    if (node.op->name == "fill") return evaluate_node(node, {}, {})[0];
    if (node.op->kind != OpKind::view) return std::nullopt;
    auto base = known(Tensor(const_cast<Graph*>(&to_), node.inputs[0].node, node.inputs[0].output));
    if (!base) return std::nullopt;
    return evaluate_node(node, {&*base, 1}, {})[static_cast<std::size_t>(t.output())];
  }

  const Graph& from_;
  Graph to_;
  std::vector<Tensors> map_;
  std::unordered_map<std::size_t, std::vector<int>> seen_;
};

}  // namespace

Graph simplify(const Graph& graph) {
  // A rewrite can leave its operands without users; a second round drops them.
  return Simplifier(Simplifier(graph).run()).run();
}

}  // namespace trine
