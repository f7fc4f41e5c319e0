#include "engine/onnx/export.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/error.h"
#include "engine/onnx/rules.h"
#include "engine/ops/state.h"
#include "engine/passes/graph_passes.h"

namespace trine::onnx {
namespace {

// Batch sizes that no other size of a model is likely to equal: where two sizes are the same by
// chance, graphs are captured and simplified otherwise.
constexpr std::array<std::int64_t, 3> kProbes{1009, 1013, 1019};

SizedGraph sized(const CaptureProgram& capture, std::optional<std::int64_t> batch) {
  std::vector<SizedGraph::Captured> captures;
  const auto add = [&](std::int64_t size) {
    Graph graph;
    capture(graph, size);
    captures.push_back({simplify(graph), size});
  };
  if (batch)
    add(*batch);
  else
    std::ranges::for_each(kProbes, add);
  return SizedGraph(std::move(captures));
}

std::vector<Dimension> dimensions_of(const Sizes& sizes) {
  std::vector<Dimension> dimensions;
  for (const Extent& extent : sizes)
    dimensions.push_back(extent.is_fixed() ? Dimension(extent.fixed)
                                           : Dimension(to_string(extent)));
  return dimensions;
}

class Translation {
 public:
  Translation(const SizedGraph& program, const Weights& weights)
      : program_(program), graph_(program.graph()), weights_(weights), writer_(model_) {
    for (const nn::Parameter& parameter : weights.store.parameters())
      by_offset_[parameter.offset] = &parameter;
  }

  Model run(std::span<const Output> outputs) {
    for (const Output& output : outputs) writer_.claim(output.name);
    find_needed(outputs);
    const auto nodes = static_cast<int>(graph_.nodes().size());
    values_.resize(static_cast<std::size_t>(nodes));
    for (int i = 0; i < nodes; ++i)
      if (is_needed(i)) program_.check_alike(i);
    for (int i = 0; i < nodes; ++i)
      if (is_needed(i) && graph_.node(i).op == &kInput) add_input(i);
    for (int i = 0; i < nodes; ++i)
      if (is_needed(i) && graph_.node(i).op != &kInput) translate(i);
    for (const Output& output : outputs) add_output(output);
    return std::move(model_);
  }

 private:
  Value fetched(const Output& output) const {
    const auto found = std::ranges::find(graph_.fetches(), output.fetch, &NamedValue::name);
    if (found == graph_.fetches().end()) fail("ONNX: the program fetches no '{}'", output.fetch);
    return found->value;
  }

  // Which nodes lead to outputs of the model.
  void find_needed(std::span<const Output> outputs) {
    needed_.assign(graph_.nodes().size(), false);
    const auto need = [&](Value value) { needed_[static_cast<std::size_t>(value.node)] = true; };
    for (const Output& output : outputs) need(fetched(output));
    for (int i = static_cast<int>(graph_.nodes().size()); i-- > 0;)
      if (is_needed(i)) std::ranges::for_each(graph_.node(i).inputs, need);
  }
  bool is_needed(int node) const { return needed_[static_cast<std::size_t>(node)]; }

  void add_input(int index) {
    const std::string& name = graph_.node(index).attrs.text("name");
    const Sizes shape = program_.shape({index, 0});
    writer_.claim(name);
    const DType type = graph_.node(index).outputs[0].dtype;
    model_.inputs.push_back({name, element_type(type), dimensions_of(shape), {}});
    const auto batch = std::ranges::find(shape, Extent{0, 1});
    if (batch != shape.end()) writer_.set_batch_source(name, batch - shape.begin());
    values_[static_cast<std::size_t>(index)] = {{name, shape}};
  }

  void translate(int index) {
    const Node& node = graph_.node(index);
    writer_.set_scope(graph_.scope_name(node.scope));
    Operands& result = values_[static_cast<std::size_t>(index)];
    const Place place(program_, index, values_, writer_);
    if (node.op == &kState)
      result = {parameter(place)};
    else if (node.op == &kLiteral)
      result = {literal(place)};
    else if (const Rule rule = find_rule(*node.op))
      result = rule(writer_, place);
    else
      fail(
          "ONNX: {} has no form in ONNX models, which hold what inference computes: export a "
          "program that neither trains nor draws, or give the op a rule in engine/onnx/rules.cpp",
          place.name());
  }

  Operand parameter(const Place& place) {
    const auto found = by_offset_.find(place.integer("offset"));
    const bool known = place.attrs().text("buffer") == nn::kParameters &&
                       found != by_offset_.end() &&
                       found->second->shape == place.node().outputs[0].shape;
    if (!known)
      fail("ONNX: the program reads {} at {} of the state '{}', which is no parameter",
           to_string(place.output_shape()), place.integer("offset"), place.attrs().text("buffer"));
    const nn::Parameter& p = *found->second;
    const auto values = weights_.arena.subspan(static_cast<std::size_t>(p.offset),
                                               static_cast<std::size_t>(p.size()));
    const io::SharedBytes bytes{nullptr, std::as_bytes(values)};
    return {writer_.initializer(
                p.name, io::Array(io::ElementType::f32, {p.shape.begin(), p.shape.end()}, bytes)),
            place.output_shape()};
  }

  Operand literal(const Place& place) {
    const Shape& shape = place.node().outputs[0].shape;
    return {writer_.initializer(
                fmt::format("constants/literal_{}", graph_.scope_name(place.node().scope)),
                io::Array::from(*place.attrs().literal("values"), {shape.begin(), shape.end()})),
            place.output_shape()};
  }

  void add_output(const Output& output) {
    const Value value = fetched(output);
    const Sizes shape = program_.shape(value);
    const Operand& loose =
        values_[static_cast<std::size_t>(value.node)].at(static_cast<std::size_t>(value.output));
    writer_.set_scope(output.name);
    writer_.add_output("Identity", writer_.expanded(loose, shape).name, output.name);
    model_.outputs.push_back({output.name, element_type(graph_.type(value).dtype),
                              dimensions_of(shape), output.meaning});
  }

  const SizedGraph& program_;
  const Graph& graph_;
  const Weights& weights_;
  Model model_;
  GraphWriter writer_;
  std::map<std::int64_t, const nn::Parameter*> by_offset_;
  std::vector<bool> needed_;
  std::vector<Operands> values_;
};

}  // namespace

Model export_program(const CaptureProgram& capture, std::optional<std::int64_t> batch,
                     std::span<const Output> outputs, const Weights& weights) {
  const SizedGraph program = sized(capture, batch);
  return Translation(program, weights).run(outputs);
}

}  // namespace trine::onnx
