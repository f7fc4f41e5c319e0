// The static graph: what a program computes, before anything decides how. Nodes are appended in
// dependency order and never change; passes build new graphs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/attrs.h"
#include "engine/op.h"
#include "engine/tensor.h"

namespace trine {

struct Value {
  int node = -1;
  int output = 0;
  friend bool operator==(const Value&, const Value&) = default;
};

struct Node {
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<Value> inputs;
  std::vector<Type> outputs;
  int scope = 0;
};

struct NamedValue {
  std::string name;
  Value value;
};

class Graph {
 public:
  Graph() { scopes_.emplace_back(); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  // Appends a node after inferring its outputs. Throws Error, with the current scope, when the op
  // refuses its inputs. Returns one handle for each output.
  Tensors add(const OpDef& op, Attrs attrs, std::span<const Tensor> inputs);
  Tensor add_one(const OpDef& op, Attrs attrs, std::initializer_list<Tensor> inputs);

  // Names a value that the program's caller can download after a run.
  void fetch(std::string name, Tensor value);
  const std::vector<NamedValue>& fetches() const { return fetches_; }

  std::span<const Node> nodes() const { return nodes_; }
  const Node& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  const Type& type(Value value) const {
    return node(value.node).outputs[static_cast<std::size_t>(value.output)];
  }
  Tensor tensor(Value value) { return {this, value.node, value.output}; }

  // The model scope of nodes that are being captured, for error messages, plans and profiles.
  const std::string& scope_name(int scope) const {
    return scopes_[static_cast<std::size_t>(scope)];
  }
  const std::string& scope() const { return scope_name(current_scope_); }
  int scope_index() const { return current_scope_; }
  void enter_scope(std::string path);
  void set_scope(int scope) { current_scope_ = scope; }

  // A fresh id for a random op; the same capture gives the same ids, so the same masks.
  std::uint32_t next_random_id() { return random_ids_++; }

 private:
  std::vector<Node> nodes_;
  std::vector<NamedValue> fetches_;
  std::vector<std::string> scopes_;
  int current_scope_ = 0;
  std::uint32_t random_ids_ = 0;
};

// Names what is captured while it lives: Scope outer(graph, "trans_l_mem"); Scope in(graph, "fc1").
class Scope {
 public:
  Scope(Graph& graph, std::string_view name);
  ~Scope() { graph_.set_scope(previous_); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Graph& graph_;
  int previous_;
};

// Restores a node's scope while a pass or a gradient emits nodes on its behalf.
class ScopeOf {
 public:
  ScopeOf(Graph& graph, int scope) : graph_(graph), previous_(graph.scope_index()) {
    graph.set_scope(scope);
  }
  ~ScopeOf() { graph_.set_scope(previous_); }
  ScopeOf(const ScopeOf&) = delete;
  ScopeOf& operator=(const ScopeOf&) = delete;

 private:
  Graph& graph_;
  int previous_;
};

// One line a node, for people and for tests.
std::string to_string(const Graph& graph);

}  // namespace trine
