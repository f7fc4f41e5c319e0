#include "engine/passes/graph_passes.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "engine/evaluate.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
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

// How many live nodes and fetches read each node.
std::vector<int> count_uses(const Graph& graph, const std::vector<bool>& live) {
  std::vector<int> uses(graph.nodes().size(), 0);
  for (std::size_t i = 0; i < live.size(); ++i)
    if (live[i])
      for (const Value& input : graph.nodes()[i].inputs)
        ++uses[static_cast<std::size_t>(input.node)];
  for (const NamedValue& f : graph.fetches()) ++uses[static_cast<std::size_t>(f.value.node)];
  return uses;
}

std::size_t hash_of(const Node& node) {
  std::size_t h = std::hash<const void*>{}(node.op);
  auto mix = [&](std::size_t x) { h ^= x + 0x9E3779B97F4A7C15u + (h << 6) + (h >> 2); };
  for (const Value& v : node.inputs)
    mix(static_cast<std::size_t>(v.node) * 8 + static_cast<std::size_t>(v.output));
  mix(std::hash<std::string>{}(to_string(node.attrs)));
  return h;
}

class Simplifier {
 public:
  explicit Simplifier(const Graph& from) : from_(from), map_(from.nodes().size()) {}

  Graph run() {
    const std::vector<bool> live = live_nodes(from_);
    uses_ = count_uses(from_, live);
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
    if (Tensor t = transposed_product(node, in)) return t;
    if (Tensor t = sum_of_spreads(node, in)) return t;
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
    if (node.op->name == "permute" && producer(in[0]).op == node.op)
      return permuted(*node.op, in[0], node.attrs.dims("axes"));
    if (node.op->name == "reshape" && producer(in[0]).op == node.op) {
      const Tensor base = to_.tensor(producer(in[0]).inputs[0]);
      if (base.shape() == node.outputs[0].shape) return base;
      return merged(*node.op, node.attrs, {base}).front();
    }
    return {};
  }

  // permute(x), where x may be a permutation itself.
  Tensor permuted(const OpDef& permute, Tensor x, const Dims& axes) {
    if (producer(x).op != &permute) return merged(permute, {{"axes", axes}}, {x}).front();
    const Dims& inner = producer(x).attrs.dims("axes");
    Dims both = axes;
    bool same = true;
    for (int i = 0; i < both.rank(); ++i) {
      both[i] = inner[static_cast<int>(axes[i])];
      same = same && both[i] == i;
    }
    const Tensor base = to_.tensor(producer(x).inputs[0]);
    return same ? base : merged(permute, {{"axes", both}}, {base}).front();
  }

  // (a b)' = b' a', which a product computes as it comes. Weights are used transposed, so their
  // gradients arrive transposed: this lets what follows become the product's epilogue.
  Tensor transposed_product(const Node& node, const Tensors& in) {
    if (node.op->name != "permute" || producer(in[0]).op->name != "matmul") return {};
    const Dims& axes = node.attrs.dims("axes");
    const int last = axes.rank() - 1;
    for (int i = 0; i < axes.rank(); ++i)
      if (axes[i] != (i < last - 1 ? i : 2 * last - 1 - i)) return {};
    if (uses_[static_cast<std::size_t>(node.inputs[0].node)] > 1) return {};
    const Node product = producer(in[0]);  // a copy: the graph grows below
    const auto transposed = [&](Value v) { return permuted(*node.op, to_.tensor(v), axes); };
    return merged(*product.op, {}, {transposed(product.inputs[1]), transposed(product.inputs[0])})
        .front();
  }

  // A run of rows that a spread() places among zeros.
  struct Placed {
    Tensor rows;
    std::int64_t first = 0, last = 0;  // elements [first, last) of the axis
    std::int64_t axis = 0, extent = 0;
  };

  std::optional<Placed> placed(Tensor t) {
    const Node& node = producer(t);
    if (node.op->name != "spread" || node.attrs.integer("step") != 1) return std::nullopt;
    const std::int64_t axis = node.attrs.integer("axis"), first = node.attrs.integer("start");
    const Tensor rows = to_.tensor(node.inputs[0]);
    return Placed{rows, first, first + rows.dim(static_cast<int>(axis)), axis,
                  node.attrs.integer("extent")};
  }

  // Neighbouring runs among zeros, added, are one run: so the gradients of a weight's blocks become
  // the gradient of the weight.
  Tensor sum_of_spreads(const Node& node, const Tensors& in) {
    if (node.op->name != "add") return {};
    std::optional<Placed> a = placed(in[0]), b = placed(in[1]);
    if (!a || !b || a->axis != b->axis || a->rows.dtype() != b->rows.dtype()) return {};
    if (b->last == a->first) std::swap(a, b);
    if (a->last != b->first) return {};
    const auto axis = static_cast<int>(a->axis);
    Tensors parts = parts_of(a->rows, axis);
    const Tensors more = parts_of(b->rows, axis);
    parts.insert(parts.end(), more.begin(), more.end());
    const Tensor rows = concat(parts, axis);
    if (rows.dim(axis) == a->extent) return rows;
    return spread(rows, axis, a->first, 1, a->extent);
  }

  Tensors parts_of(Tensor t, int axis) {
    const Node& node = producer(t);
    if (node.op->name != "concat" || node.attrs.integer("axis") != axis) return {t};
    Tensors parts;
    for (const Value& input : node.inputs) parts.push_back(to_.tensor(input));
    return parts;
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
  std::vector<int> uses_;  // of the nodes of from_
  std::unordered_map<std::size_t, std::vector<int>> seen_;
};

}  // namespace

Graph simplify(const Graph& graph) {
  // A rewrite can leave its operands without users; a second round drops them.
  return Simplifier(split_assigns(Simplifier(graph).run())).run();
}

}  // namespace trine
