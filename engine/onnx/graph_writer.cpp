#include "engine/onnx/graph_writer.h"

#include <cctype>

#include <fmt/ranges.h>

#include "engine/error.h"
#include "engine/onnx/format.h"

namespace trine::onnx {
namespace {

// "trans_l_mem.layers.0.fc1" as viewers of ONNX models nest it: "trans_l_mem/layers.0/fc1/".
std::string path_of(std::string_view scope) {
  std::string path(scope);
  for (std::size_t i = 0; i + 1 < path.size(); ++i)
    if (path[i] == '.' && !std::isdigit(static_cast<unsigned char>(path[i + 1]))) path[i] = '/';
  if (!path.empty()) path += '/';
  return path;
}

// The vector for Reshape, if one can be written down: 0 takes the operand's extent, -1 is inferred.
std::optional<std::vector<std::int64_t>> written_shape(const Sizes& from, const Sizes& to) {
  std::vector<std::int64_t> shape;
  bool inferred = false;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i].is_fixed()) {
      shape.push_back(to[i].fixed);
    } else if (i < from.size() && from[i] == to[i]) {
      shape.push_back(0);
    } else if (!inferred) {
      shape.push_back(-1);
      inferred = true;
    } else {
      return std::nullopt;
    }
  }
  return shape;
}

}  // namespace

io::ElementType element_type(DType type) {
  return type == DType::f32 ? io::ElementType::f32 : io::ElementType::i64;
}

std::int64_t data_type(DType type) {
  return static_cast<std::int64_t>(type == DType::f32 ? DataType::f32 : DataType::i64);
}

void GraphWriter::set_scope(std::string_view scope) { scope_ = path_of(scope); }

void GraphWriter::claim(const std::string& name) {
  if (!names_.insert(name).second)
    fail("ONNX: '{}' is wanted for two values of the model: choose another name", name);
}

std::string GraphWriter::unique(const std::string& wish) {
  std::string name = wish;
  while (!names_.insert(name).second) name = fmt::format("{}_{}", wish, ++repeats_[wish]);
  return name;
}

// ---- Operations ----

std::string GraphWriter::add(std::string_view type, Names inputs,
                             std::vector<Attribute> attributes) {
  return add_several(type, 1, std::move(inputs), std::move(attributes)).front();
}

Names GraphWriter::add_several(std::string_view type, std::size_t outputs, Names inputs,
                               std::vector<Attribute> attributes) {
  const std::string name = unique(fmt::format("{}{}", scope_, type));
  Names results{name};
  for (std::size_t i = 1; i < outputs; ++i)
    results.push_back(unique(fmt::format("{}.{}", name, i)));
  model_.operations.push_back(
      {std::string(type), name, std::move(inputs), results, std::move(attributes)});
  return results;
}

void GraphWriter::add_output(std::string_view type, const std::string& input,
                             const std::string& output) {
  const std::string name = unique(fmt::format("{}/{}", output, type));
  model_.operations.push_back({std::string(type), name, {input}, {output}, {}});
}

// ---- Constants ----

template <class Make>
std::string GraphWriter::constant(const std::string& label, Make make) {
  std::string& name = constants_[label];
  if (name.empty()) name = initializer("constants/" + label, make());
  return name;
}

std::string GraphWriter::scalar(float value) {
  return constant(fmt::format("{}", value),
                  [&] { return io::Array::from(std::vector<float>{value}, {}); });
}

std::string GraphWriter::whole_numbers(const std::vector<std::int64_t>& values) {
  return constant(fmt::format("{}", values), [&] {
    return io::Array::from(values, {static_cast<std::int64_t>(values.size())});
  });
}

std::string GraphWriter::causal_mask(std::int64_t rows, std::int64_t columns, std::int64_t offset) {
  return constant(fmt::format("causal_{}x{}_{:+}", rows, columns, offset), [&] {
    std::vector<std::uint8_t> seen;
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t column = 0; column < columns; ++column)
        seen.push_back(column <= row + offset);
    return io::Array(io::ElementType::boolean, {rows, columns}, io::share(std::move(seen)));
  });
}

std::string GraphWriter::initializer(const std::string& name, io::Array array) {
  model_.initializers.push_back({unique(name), std::move(array)});
  return model_.initializers.back().name;
}

// ---- Sizes ----

void GraphWriter::set_batch_source(const std::string& input, std::int64_t axis) {
  batch_source_ = {input, axis};
}

const std::string& GraphWriter::batch() {
  if (!batch_.empty()) return batch_;
  if (!batch_source_)
    fail(
        "ONNX: a size follows the batch, and no input that is left has the batch as an axis: "
        "export the program for one batch size");
  const auto [input, axis] = *batch_source_;
  batch_ = add("Shape", {input}, {{"start", axis}, {"end", axis + 1}});
  return batch_;
}

std::string GraphWriter::vector_of(const Sizes& sizes) {
  std::vector<std::int64_t> numbers;
  for (const Extent& extent : sizes)
    if (extent.is_fixed()) numbers.push_back(extent.fixed);
  if (numbers.size() == sizes.size()) return whole_numbers(numbers);
  Names parts;
  for (const Extent& extent : sizes) {
    if (extent.is_fixed()) {
      parts.push_back(whole_numbers({extent.fixed}));
      continue;
    }
    std::string size = batch();
    if (extent.per_sample != 1) size = add("Mul", {size, whole_numbers({extent.per_sample})});
    if (extent.fixed != 0) size = add("Add", {size, whole_numbers({extent.fixed})});
    parts.push_back(size);
  }
  return parts.size() == 1 ? parts[0] : add("Concat", parts, {{"axis", std::int64_t{0}}});
}

Operand GraphWriter::reshaped(const Operand& x, const Sizes& shape) {
  if (x.shape == shape) return x;
  const auto written = written_shape(x.shape, shape);
  return {add("Reshape", {x.name, written ? whole_numbers(*written) : vector_of(shape)}), shape};
}

Operand GraphWriter::expanded(const Operand& x, const Sizes& shape) {
  if (x.shape == shape) return x;
  return {add("Expand", {x.name, vector_of(shape)}), shape};
}

Operand GraphWriter::transposed(const Operand& x, const std::vector<std::int64_t>& axes) {
  Sizes shape;
  for (const std::int64_t axis : axes) shape.push_back(x.shape[static_cast<std::size_t>(axis)]);
  return {add("Transpose", {x.name}, {{"perm", axes}}), shape};
}

}  // namespace trine::onnx
