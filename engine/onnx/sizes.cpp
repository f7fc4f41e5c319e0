#include "engine/onnx/sizes.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "engine/error.h"

namespace trine::onnx {
namespace {

// Captures differ in sizes; an attribute may differ only where it is one.
bool is_size(const AttrValue& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<Dims>(value);
}

bool is_alike(const AttrValue& a, const AttrValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* literal = std::get_if<LiteralData>(&a))
    return **literal == *std::get<LiteralData>(b);
  return is_size(a) || a == b;
}

bool is_alike(const Attrs& a, const Attrs& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && is_alike(x.second, y.second);
  });
}

[[noreturn]] void fail_size(const Graph& graph, int index) {
  const Node& node = graph.node(index);
  fail(
      "ONNX: what {} in {} computes depends on the batch size in a way that no model for any batch "
      "can state: export it for one batch size",
      node.op->name, node.scope ? graph.scope_name(node.scope) : "the model");
}

}  // namespace

std::string to_string(const Extent& extent) {
  if (extent.is_fixed()) return fmt::format("{}", extent.fixed);
  std::string text = extent.per_sample == 1 ? "batch" : fmt::format("{}*batch", extent.per_sample);
  if (extent.fixed != 0) text += fmt::format("{:+}", extent.fixed);
  return text;
}

std::string to_string(const Sizes& sizes) {
  std::vector<std::string> texts;
  for (const Extent& extent : sizes) texts.push_back(to_string(extent));
  return fmt::format("({})", fmt::join(texts, ", "));
}

Sizes broadcast(const Sizes& a, const Sizes& b) {
  if (a.size() < b.size()) return broadcast(b, a);
  constexpr Extent kOne{1};
  Sizes result = a;
  for (std::size_t i = 1; i <= b.size(); ++i) {
    Extent& x = result[result.size() - i];
    const Extent& y = b[b.size() - i];
    if (x == kOne)
      x = y;
    else if (x != y && y != kOne)
      fail("ONNX: shapes {} and {} do not broadcast", to_string(a), to_string(b));
  }
  return result;
}

SizedGraph::SizedGraph(std::vector<Captured> captures) : captures_(std::move(captures)) {
  const std::size_t nodes = graph().nodes().size();
  const auto same_value = [](const NamedValue& a, const NamedValue& b) {
    return a.name == b.name && a.value == b.value;
  };
  for (const Captured& captured : captures_)
    if (captured.graph.nodes().size() != nodes ||
        !std::ranges::equal(captured.graph.fetches(), graph().fetches(), same_value))
      fail(
          "ONNX: the program for a batch of {} is not that for one of {} with other sizes: export "
          "it "
          "for one batch size",
          captures_.front().batch, captured.batch);
}

void SizedGraph::check_alike(int index) const {
  const Node& first = graph().node(index);
  for (const Captured& captured : captures_) {
    const Node& other = node(captured, index);
    if (other.op != first.op || other.inputs != first.inputs || !is_alike(other.attrs, first.attrs))
      fail_size(graph(), index);
  }
}

template <class ValueOf>
Extent SizedGraph::line(int index, ValueOf value_of) const {
  const std::int64_t first = value_of(node(captures_[0], index));
  if (captures_.size() == 1) return {first};
  const std::int64_t run = captures_[1].batch - captures_[0].batch;
  const std::int64_t per_sample = (value_of(node(captures_[1], index)) - first) / run;
  const Extent extent{first - per_sample * captures_[0].batch, per_sample};
  for (const Captured& c : captures_)
    if (extent.fixed + extent.per_sample * c.batch != value_of(node(c, index)))
      fail_size(graph(), index);
  return extent;
}

Sizes SizedGraph::shape(Value value) const {
  const auto output = static_cast<std::size_t>(value.output);
  Sizes sizes;
  for (int i = 0; i < graph().type(value).shape.rank(); ++i)
    sizes.push_back(line(value.node, [&](const Node& n) { return n.outputs[output].shape[i]; }));
  return sizes;
}

Extent SizedGraph::integer(int index, std::string_view attribute) const {
  return line(index, [&](const Node& n) { return n.attrs.integer(attribute); });
}

Sizes SizedGraph::dims(int index, std::string_view attribute) const {
  Sizes sizes;
  for (int i = 0; i < graph().node(index).attrs.dims(attribute).rank(); ++i)
    sizes.push_back(line(index, [&](const Node& n) { return n.attrs.dims(attribute)[i]; }));
  return sizes;
}

}  // namespace trine::onnx
