// Sizes that grow with the batch. A graph is captured for one batch size; an exported model takes
// any. What the sizes of its values are is found by capturing the program several times: each size
// lies on a straight line over the batch size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph.h"

namespace trine::onnx {

// fixed + per_sample * B, B the batch size.
struct Extent {
  std::int64_t fixed = 0, per_sample = 0;

  bool is_fixed() const { return per_sample == 0; }
  friend bool operator==(const Extent&, const Extent&) = default;
};

inline Extent operator+(Extent a, Extent b) {
  return {a.fixed + b.fixed, a.per_sample + b.per_sample};
}
inline Extent operator-(Extent a, Extent b) {
  return {a.fixed - b.fixed, a.per_sample - b.per_sample};
}

using Sizes = std::vector<Extent>;

// "(batch, 46, 50)", "(50*batch-4, 7)".
std::string to_string(const Sizes& sizes);
std::string to_string(const Extent& extent);

// The shape that both broadcast to under NumPy's rule. Throws Error where there is none for every
// batch size.
Sizes broadcast(const Sizes& a, const Sizes& b);

// A program as a function of its batch size.
class SizedGraph {
 public:
  struct Captured {
    Graph graph;
    std::int64_t batch;
  };

  // One capture: all its sizes are fixed. Several: sizes follow the batch. Throws Error where
  // captures differ in the number of their nodes or in what they fetch.
  explicit SizedGraph(std::vector<Captured> captures);

  // The first capture, for everything but sizes.
  const Graph& graph() const { return captures_.front().graph; }

  // Throws Error, with the op and its place, where captures of this node differ in more than sizes.
  // The functions below do so for sizes on no straight line.
  void check_alike(int node) const;

  Sizes shape(Value value) const;
  // Attributes that are sizes: an integer, a list.
  Extent integer(int node, std::string_view attribute) const;
  Sizes dims(int node, std::string_view attribute) const;

 private:
  const Node& node(const Captured& captured, int index) const { return captured.graph.node(index); }
  // The line through what `value_of(node)` gives in each capture.
  template <class ValueOf>
  Extent line(int index, ValueOf value_of) const;

  std::vector<Captured> captures_;
};

}  // namespace trine::onnx
