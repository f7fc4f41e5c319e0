#include "engine/passes/plan_passes.h"

#include <algorithm>
#include <map>

#include "engine/error.h"
#include "engine/graph.h"
#include "engine/ops/state.h"

namespace trine {
namespace {

std::int64_t bytes_of(const Type& type) { return count(type.shape) * size_of(type.dtype); }

class Lowering {
 public:
  Lowering(const Graph& graph, std::string name) : graph_(graph), values_(graph.nodes().size()) {
    plan_.name = std::move(name);
    plan_.nodes = static_cast<int>(graph.nodes().size());
  }

  Plan run() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) visit(static_cast<int>(i));
    for (const NamedValue& f : graph_.fetches()) fetch(f);
    // States are written last: every dependency then points forward in the list of steps.
    for (Step& step : assigns_) plan_.steps.push_back(std::move(step));
    return std::move(plan_);
  }

 private:
  void visit(int index) {
    const Node& node = graph_.node(index);
    std::vector<Operand>& outputs = values_[static_cast<std::size_t>(index)];
    switch (node.op->kind) {
      case OpKind::source:
        outputs = {source(node)};
        return;
      case OpKind::view:
        return;  // these, fills and concats are made when something needs them
      case OpKind::effect:
        assign(node);
        return;
      case OpKind::elementwise:
        if (!is_fill(node)) outputs = elementwise(node);
        return;
      case OpKind::structured:
        if (!is_concat(node)) outputs = structured(node);
        return;
    }
  }

  // ---- buffers ----

  Operand fresh(const Type& type, std::string name) {
    plan_.buffers.push_back({BufferKind::value, std::move(name), bytes_of(type)});
    return {static_cast<int>(plan_.buffers.size()) - 1, 0, type, dense_strides(type.shape)};
  }

  // The buffer of a kind that every operand of that kind shares, made at its first use.
  int shared_buffer(BufferKind kind, const std::string& name) {
    const auto [at, made] =
        shared_.try_emplace({kind, name}, static_cast<int>(plan_.buffers.size()));
    if (made) plan_.buffers.push_back({kind, name, 0});
    return at->second;
  }

  // A dense operand at the end of a shared buffer. Regions begin at multiples of 16 elements, which
  // suits vector loads and the offset alignment of GPU descriptors.
  Operand append(BufferKind kind, const std::string& name, const Type& type) {
    Buffer& buffer = plan_.buffers[static_cast<std::size_t>(shared_buffer(kind, name))];
    const std::int64_t offset = buffer.bytes / size_of(type.dtype);
    buffer.bytes += (bytes_of(type) + 63) / 64 * 64;
    return {shared_buffer(kind, name), offset, type, dense_strides(type.shape)};
  }

  Operand source(const Node& node) {
    const Type& type = node.outputs[0];
    if (node.op == &kInput) {
      const Operand operand = append(BufferKind::input, "inputs", type);
      plan_.feeds.push_back({node.attrs.text("name"), operand});
      return operand;
    }
    if (node.op == &kLiteral) {
      const Operand operand = append(BufferKind::literal, "literals", type);
      plan_.literals.push_back({operand, node.attrs.literal("values")});
      return operand;
    }
    if (node.op == &kStepScalar) {
      const int buffer = shared_buffer(BufferKind::step, "step");
      plan_.buffers[static_cast<std::size_t>(buffer)].bytes = sizeof(RunWords);
      return {buffer, node.attrs.integer("word"), type, {}};
    }
    const int buffer = shared_buffer(BufferKind::state, node.attrs.text("buffer"));
    const std::int64_t offset = node.attrs.integer("offset");
    std::int64_t& bytes = plan_.buffers[static_cast<std::size_t>(buffer)].bytes;
    bytes = std::max(bytes, offset * size_of(type.dtype) + bytes_of(type));
    return {buffer, offset, type, dense_strides(type.shape)};
  }

  // ---- operands ----

  static bool is_fill(const Node& node) { return node.op->name == "fill"; }
  static bool is_concat(const Node& node) { return node.op->name == "concat"; }

  // A fill() that something reads as memory: one element, repeated by zero strides.
  Operand materialized_fill(const Node& node) {
    const Operand one = fresh({DType::f32, {}}, "fill");
    emit_fill(node, node, one);
    const Shape& shape = node.outputs[0].shape;
    return {one.buffer, 0, node.outputs[0], Dims::filled(shape.rank(), 0)};
  }

  void emit_fill(const Node& user, const Node& fill, const Operand& to) {
    Step step;
    ExpressionBuilder builder(0);
    builder.store(fill.op->express(fill.attrs, builder, {}));
    step.body = builder.expression();
    step.members = {{{}, {}, {to}, builder.scalars()}};
    emit(user, std::move(step));
  }

  Operand operand(Value value) {
    std::vector<Operand>& outputs = values_[static_cast<std::size_t>(value.node)];
    if (outputs.empty()) outputs = made(graph_.node(value.node));
    return outputs[static_cast<std::size_t>(value.output)];
  }

  std::vector<Operand> made(const Node& node) {
    if (is_fill(node)) return {materialized_fill(node)};
    return is_concat(node) ? std::vector{concat(node)} : view(node);
  }

  Operand packed(const Node& user, const Operand& from) {
    const Operand to =
        fresh(from.type, plan_.buffers[static_cast<std::size_t>(from.buffer)].name + ".packed");
    emit_copies(user, {{{}, {from}, {to}, {}}});
    return to;
  }

  static bool accepted(const Node& node, int index, const Operand& operand) {
    if (!node.op->accepts) return is_dense(operand);
    return node.op->accepts(node.attrs, index, operand.type.shape, operand.strides);
  }

  // ---- steps ----

  void emit(const Node& node, Step step) {
    step.scope = graph_.scope_name(node.scope);
    plan_.steps.push_back(std::move(step));
  }

  void emit_copies(const Node& node, std::vector<Member> members) {
    Step step;
    step.body = {.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};
    step.members = std::move(members);
    emit(node, std::move(step));
  }

  std::vector<Operand> view(const Node& node) {
    const Value from = node.inputs[0];
    if (is_fill(graph_.node(from.node))) {
      Operand filled = operand(from);
      filled.type = node.outputs[0];
      filled.strides = Dims::filled(filled.type.shape.rank(), 0);
      return std::vector<Operand>(node.outputs.size(), filled);
    }
    Operand base = operand(from);
    if (auto outputs = view_of(node, base)) return *outputs;
    base = packed(node, base);
    return view_of(node, base).value();
  }

  std::optional<std::vector<Operand>> view_of(const Node& node, const Operand& base) const {
    std::vector<Operand> outputs;
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      const auto layout = node.op->view(node.attrs, {base.offset, base.type.shape, base.strides},
                                        node.outputs[k], static_cast<int>(k));
      if (!layout) return std::nullopt;
      outputs.push_back({base.buffer, layout->offset, node.outputs[k], layout->strides});
    }
    return outputs;
  }

  std::vector<Operand> elementwise(const Node& node) {
    // Operands that memory holds become inputs; fills become constants.
    std::vector<Operand> inputs;
    std::vector<int> registers;
    for (const Value& value : node.inputs) {
      if (is_fill(graph_.node(value.node))) {
        registers.push_back(-1);
        continue;
      }
      const Operand from = operand(value);
      const auto at = std::find(inputs.begin(), inputs.end(), from);
      registers.push_back(static_cast<int>(at - inputs.begin()));
      if (at == inputs.end()) inputs.push_back(from);
    }
    ExpressionBuilder builder(static_cast<int>(inputs.size()));
    for (std::size_t k = 0; k < registers.size(); ++k)
      if (registers[k] < 0) {
        const Node& constant = graph_.node(node.inputs[k].node);
        registers[k] = constant.op->express(constant.attrs, builder, {});
      }
    builder.store(node.op->express(node.attrs, builder, registers));
    const Operand output = fresh(node.outputs[0], std::string(node.op->name));
    Step step;
    step.body = builder.expression();
    step.members = {{{}, inputs, {output}, builder.scalars()}};
    emit(node, std::move(step));
    return {output};
  }

  std::vector<Operand> structured(const Node& node) {
    Member member{.attrs = node.attrs, .inputs = {}, .outputs = {}, .scalars = {}};
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      Operand from = operand(node.inputs[k]);
      if (!accepted(node, static_cast<int>(k), from)) from = packed(node, from);
      member.inputs.push_back(from);
    }
    for (const Type& type : node.outputs)
      member.outputs.push_back(fresh(type, std::string(node.op->name)));
    std::vector<Operand> outputs = member.outputs;
    Step step;
    step.op = node.op;
    step.op_inputs = static_cast<int>(node.inputs.size());
    step.members = {std::move(member)};
    emit(node, std::move(step));
    return outputs;
  }

  // Each part is copied to its place in the result: one launch with a member a part.
  Operand concat(const Node& node) {
    const Operand whole = fresh(node.outputs[0], "concat");
    std::vector<Member> members;
    place_parts(node, whole, members);
    emit_copies(node, std::move(members));
    return whole;
  }

  void place_parts(const Node& node, Operand whole, std::vector<Member>& members) {
    const int axis = static_cast<int>(node.attrs.integer("axis"));
    for (const Value& input : node.inputs) {
      Operand part = whole;
      part.type = graph_.type(input);
      place(input, part, members);
      whole.offset += part.type.shape[axis] * whole.strides[axis];
    }
  }

  // Parts that are joined from parts themselves come from where those lie.
  void place(Value value, const Operand& to, std::vector<Member>& members) {
    const Node& node = graph_.node(value.node);
    if (is_concat(node) && values_[static_cast<std::size_t>(value.node)].empty())
      return place_parts(node, to, members);
    if (node.op->name == "reshape") {
      const Type& before = graph_.type(node.inputs[0]);
      const auto strides = reshape_strides(to.type.shape, to.strides, before.shape);
      if (strides) return place(node.inputs[0], {to.buffer, to.offset, before, *strides}, members);
    }
    members.push_back({{}, {operand(value)}, {to}, {}});
  }

  void assign(const Node& node) {
    const Operand to = operand(node.inputs[0]);
    const Node& value = graph_.node(node.inputs[1].node);
    if (is_fill(value)) {
      emit_fill(node, value, to);
      defer_last();
      return;
    }
    Operand from = operand(node.inputs[1]);
    // A state copied straight to another is read in full before any state is written.
    if (plan_.buffers[static_cast<std::size_t>(from.buffer)].kind == BufferKind::state)
      from = packed(node, from);
    emit_copies(node, {{{}, {from}, {to}, {}}});
    defer_last();
  }

  void defer_last() {
    assigns_.push_back(std::move(plan_.steps.back()));
    plan_.steps.pop_back();
  }

  void fetch(const NamedValue& f) {
    Operand from = operand(f.value);
    const BufferKind kind = plan_.buffers[static_cast<std::size_t>(from.buffer)].kind;
    if (!is_dense(from) || kind == BufferKind::state)
      from = packed(graph_.node(f.value.node), from);
    plan_.fetches.push_back({f.name, from});
  }

  const Graph& graph_;
  Plan plan_;
  std::vector<Step> assigns_;
  std::vector<std::vector<Operand>> values_;  // operands of each node's outputs; none for a fill
  std::map<std::pair<BufferKind, std::string>, int> shared_;
};

}  // namespace

Plan lower(const Graph& graph, std::string name) { return Lowering(graph, std::move(name)).run(); }

}  // namespace trine
