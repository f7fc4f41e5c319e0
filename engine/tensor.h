// A tensor is a handle to one value of a graph: cheap to copy, meaningless without its graph.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/shape.h"

namespace trine {

class Graph;

class Tensor {
 public:
  Tensor() = default;
  Tensor(Graph* graph, int node, int output) : graph_(graph), node_(node), output_(output) {}

  // False for a default-made handle: "no tensor", as in a gradient that does not exist.
  explicit operator bool() const { return graph_ != nullptr; }

  Graph& graph() const { return *graph_; }
  int node() const { return node_; }
  int output() const { return output_; }

  const Type& type() const;
  const Shape& shape() const { return type().shape; }
  DType dtype() const { return type().dtype; }
  int rank() const { return shape().rank(); }
  // Extent of an axis; negative axes count from the end.
  std::int64_t dim(int axis) const;

  friend bool operator==(const Tensor&, const Tensor&) = default;

 private:
  Graph* graph_ = nullptr;
  int node_ = -1;
  int output_ = 0;
};

using Tensors = std::vector<Tensor>;

}  // namespace trine
