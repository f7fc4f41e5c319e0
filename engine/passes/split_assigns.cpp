#include "engine/passes/graph_passes.h"

#include <algorithm>

#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

// Rows [first, last) of the first axis.
struct Rows {
  std::int64_t first = 0, last = 0;
};

class Splitter {
 public:
  explicit Splitter(const Graph& from)
      : from_(from), map_(from.nodes().size()), uses_(from.nodes().size(), 0) {
    for (const Node& node : from.nodes())
      for (const Value& input : node.inputs) ++uses_[index(input)];
    for (const NamedValue& f : from.fetches()) ++uses_[index(f.value)];
  }

  Graph run() {
    for (std::size_t i = 0; i < from_.nodes().size(); ++i) visit(i);
    for (const NamedValue& f : from_.fetches()) to_.fetch(f.name, mapped(f.value));
    return std::move(to_);
  }

 private:
  static std::size_t index(Value value) { return static_cast<std::size_t>(value.node); }
  const Node& node_of(Value value) const { return from_.nodes()[index(value)]; }
  Tensor mapped(Value value) const {
    return map_[index(value)][static_cast<std::size_t>(value.output)];
  }

  void visit(std::size_t i) {
    const Node& node = from_.nodes()[i];
    to_.enter_scope(from_.scope_name(node.scope));
    if (node.op == &kAssign) {
      const std::vector<Rows> parts = parts_of(node.inputs[1]);
      for (const Rows& rows : parts) assign(part(node.inputs[0], rows), part(node.inputs[1], rows));
      if (!parts.empty()) return;
    }
    Tensors inputs;
    for (const Value& input : node.inputs) inputs.push_back(mapped(input));
    map_[i] = to_.add(*node.op, node.attrs, inputs);
  }

  static bool joins_rows(const Node& node) {
    return node.op->name == "concat" && node.attrs.integer("axis") == 0;
  }

  // An elementwise node that can be computed in parts without being computed twice.
  bool divisible(Value value) const {
    const Node& node = node_of(value);
    return node.op->kind == OpKind::elementwise && node.op->pure && uses_[index(value)] == 1;
  }

  // The rows of each part of the concat that `value` is computed from; none if there is no concat.
  std::vector<Rows> parts_of(Value value) const {
    const Node& node = node_of(value);
    if (joins_rows(node)) {
      std::vector<Rows> parts;
      for (const Value& input : node.inputs) {
        const std::int64_t first = parts.empty() ? 0 : parts.back().last;
        parts.push_back({first, first + from_.type(input).shape[0]});
      }
      return parts;
    }
    if (!divisible(value)) return {};
    for (const Value& input : node.inputs)
      if (auto parts = parts_of(input); !parts.empty()) return parts;
    return {};
  }

  // Those rows of `value`, computed without the others where that is possible.
  Tensor part(Value value, Rows rows) {
    const Node& node = node_of(value);
    Shape shape = from_.type(value).shape;
    const std::int64_t row = count(shape) / std::max<std::int64_t>(shape[0], 1);
    shape[0] = rows.last - rows.first;
    if (node.op == &kState)
      return state(to_, node.attrs.text("buffer"), node.attrs.integer("offset") + rows.first * row,
                   shape);
    if (node.op->name == "fill")
      return fill(to_, shape, static_cast<float>(node.attrs.real("value")));
    if (joins_rows(node))
      if (const Tensor whole = whole_part(node, rows)) return whole;
    if (!divisible(value) || parts_of(value).empty())
      return slice(mapped(value), 0, rows.first, rows.last);
    Tensors inputs;
    for (const Value& input : node.inputs) inputs.push_back(part(input, rows));
    return to_.add(*node.op, node.attrs, inputs).front();
  }

  // The input of a concat that is exactly these rows, or nothing.
  Tensor whole_part(const Node& node, Rows rows) const {
    std::int64_t first = 0;
    for (const Value& input : node.inputs) {
      const std::int64_t last = first + from_.type(input).shape[0];
      if (first == rows.first && last == rows.last) return mapped(input);
      first = last;
    }
    return {};
  }

  const Graph& from_;
  Graph to_;
  std::vector<Tensors> map_;
  std::vector<int> uses_;
};

}  // namespace

Graph split_assigns(const Graph& graph) { return Splitter(graph).run(); }

}  // namespace trine
