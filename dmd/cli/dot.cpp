#include "dmd/cli/dot.h"

#include <map>
#include <set>

#include <fmt/format.h>

namespace dmd::cli {
namespace {

struct Arrow {
  int from = 0, to = 0;  // scopes
  std::string type;

  friend auto operator<=>(const Arrow&, const Arrow&) = default;
};

std::map<int, int> ops_by_scope(const trine::Graph& graph) {
  std::map<int, int> ops;
  for (const trine::Node& node : graph.nodes()) ++ops[node.scope];
  return ops;
}

std::set<Arrow> arrows_of(const trine::Graph& graph) {
  std::set<Arrow> arrows;
  for (const trine::Node& node : graph.nodes()) {
    for (const trine::Value& input : node.inputs) {
      const int from = graph.node(input.node).scope;
      if (from != node.scope)
        arrows.insert({from, node.scope, trine::to_string(graph.type(input).shape)});
    }
  }
  return arrows;
}

// Inside a quoted string of the language of Graphviz.
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::string to_dot(const trine::Graph& graph, std::string_view title) {
  std::string text = fmt::format(
      "digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9];\n",
      escaped(title));
  for (const auto& [scope, ops] : ops_by_scope(graph)) {
    const std::string& name = graph.scope_name(scope);
    text += fmt::format("  s{} [label=\"{}\\n{} ops\"];\n", scope,
                        escaped(name.empty() ? "program" : name), ops);
  }
  for (const Arrow& arrow : arrows_of(graph))
    text +=
        fmt::format("  s{} -> s{} [label=\"{}\"];\n", arrow.from, arrow.to, escaped(arrow.type));
  return text + "}\n";
}

}  // namespace dmd::cli
