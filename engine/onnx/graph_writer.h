// Appends operations and constants to an ONNX model and gives them their names. It knows ONNX and
// sizes that follow the batch, and nothing of the graph that is translated.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dtype.h"
#include "engine/onnx/model.h"
#include "engine/onnx/sizes.h"

namespace trine::onnx {

// A value of the model.
struct Operand {
  std::string name;
  Sizes shape;
};
using Operands = std::vector<Operand>;
using Names = std::vector<std::string>;

// Whole numbers are i64 in ONNX models, as is the custom there.
io::ElementType element_type(DType type);
std::int64_t data_type(DType type);  // for the attribute of Cast

class GraphWriter {
 public:
  explicit GraphWriter(Model& model) : model_(model) {}

  // Operations that follow stand at this place of the model: "trans_l_mem.layers.0.fc1".
  void set_scope(std::string_view scope);

  // Takes a name that callers of the model see. Throws Error if it is taken.
  void claim(const std::string& name);

  // Appends an operation; returns the names of its outputs.
  std::string add(std::string_view type, Names inputs, std::vector<Attribute> attributes = {});
  Names add_several(std::string_view type, std::size_t outputs, Names inputs,
                    std::vector<Attribute> attributes = {});
  // An operation whose one output has a name of its own.
  void add_output(std::string_view type, const std::string& input, const std::string& output);

  // Constants, one for each value.
  std::string scalar(float value);
  std::string whole_numbers(const std::vector<std::int64_t>& values);
  // (rows, columns), true where column <= row + offset.
  std::string causal_mask(std::int64_t rows, std::int64_t columns, std::int64_t offset);
  // Any other initializer. The name is taken as it is, or made unique if it stands already.
  std::string initializer(const std::string& name, io::Array array);

  // Where the batch size is found when the model runs: an axis of one of its inputs.
  void set_batch_source(const std::string& input, std::int64_t axis);
  // A shape as an i64 vector: a constant where nothing follows the batch, else computed from it.
  std::string vector_of(const Sizes& sizes);
  std::string dimension(const Extent& extent) { return vector_of({extent}); }

  // The same elements in row-major order under another shape.
  Operand reshaped(const Operand& x, const Sizes& shape);
  // x repeated along extents of one and new leading dimensions.
  Operand expanded(const Operand& x, const Sizes& shape);
  Operand transposed(const Operand& x, const std::vector<std::int64_t>& axes);

 private:
  std::string unique(const std::string& wish);
  const std::string& batch();
  // The constant of this name, made by `make` when it is first asked for.
  template <class Make>
  std::string constant(const std::string& label, Make make);

  struct BatchSource {
    std::string input;
    std::int64_t axis;
  };

  Model& model_;
  std::string scope_;
  std::set<std::string> names_;
  std::map<std::string, int> repeats_;  // of names that are wished for more than once
  std::map<std::string, std::string> constants_;
  std::optional<BatchSource> batch_source_;
  std::string batch_;
};

}  // namespace trine::onnx
