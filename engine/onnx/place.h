// A node of the graph as its rule sees it: inputs by the names that they have in the model, and
// sizes as functions of the batch.
//
// Captured programs broadcast operands before they use them; ONNX's elementwise operators broadcast
// by themselves. So a value may stand in the model in a smaller shape that broadcasts to the one it
// has in the graph, as NumPy does it, and is expanded where a reader needs all of it.
#pragma once

#include <string_view>
#include <vector>

#include "engine/graph.h"
#include "engine/onnx/graph_writer.h"
#include "engine/onnx/sizes.h"

namespace trine::onnx {

class Place {
 public:
  // `values` holds what each earlier node became.
  Place(const SizedGraph& program, int index, const std::vector<Operands>& values, GraphWriter& to)
      : program_(program), index_(index), values_(values), to_(to) {}

  const Node& node() const { return program_.graph().node(index_); }
  const Attrs& attrs() const { return node().attrs; }
  std::size_t inputs() const { return node().inputs.size(); }
  DType input_type(std::size_t k) const { return program_.graph().type(node().inputs[k]).dtype; }

  // Input k as it stands in the model, and in the shape that it has in the graph. Throws Error for
  // one that its rule did not make.
  const Operand& loose(std::size_t k) const;
  Operand full(std::size_t k) const { return to_.expanded(loose(k), input_shape(k)); }

  Sizes input_shape(std::size_t k) const { return program_.shape(node().inputs[k]); }
  Sizes output_shape(int k = 0) const { return program_.shape({index_, k}); }

  // Attributes: an integer or a list that does not follow the batch, and one that may.
  std::int64_t integer(std::string_view attribute) const;
  std::vector<std::int64_t> integers(std::string_view attribute) const;
  Extent extent(std::string_view attribute) const { return program_.integer(index_, attribute); }

  // The number behind an extent that the rule needs when the model is written.
  std::int64_t fixed(const Extent& extent) const;

  // "matmul in trans_l_mem.layers.0.fc1", for messages.
  std::string name() const;

 private:
  const SizedGraph& program_;
  int index_;
  const std::vector<Operands>& values_;
  GraphWriter& to_;
};

}  // namespace trine::onnx
