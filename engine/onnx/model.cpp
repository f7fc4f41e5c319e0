#include "engine/onnx/model.h"

#include <bit>
#include <iterator>
#include <limits>

#include <protozero/pbf_builder.hpp>

#include "engine/error.h"
#include "engine/io/atomic_file.h"
#include "engine/onnx/format.h"

namespace trine::onnx {
namespace {

static_assert(std::endian::native == std::endian::little,
              "raw data of tensors is little-endian, and arrays are written as they lie");

template <class Field>
using Builder = protozero::pbf_builder<Field>;

DataType data_type_of(io::ElementType type) {
  switch (type) {
    case io::ElementType::f32:
      return DataType::f32;
    case io::ElementType::i64:
      return DataType::i64;
    case io::ElementType::boolean:
      return DataType::boolean;
    default:
      fail("an ONNX model here holds f32, i64 and boolean, and this is {}", io::name_of(type));
  }
}

// ---- Messages ----

std::string message_of(const Attribute& attribute) {
  std::string text;
  Builder<field::Attribute> to(text);
  to.add_string(field::Attribute::name, attribute.name);
  const auto type = [&](AttributeType t) {
    to.add_enum(field::Attribute::type, static_cast<std::int32_t>(t));
  };
  if (const auto* i = std::get_if<std::int64_t>(&attribute.value)) {
    to.add_int64(field::Attribute::i, *i);
    type(AttributeType::i);
  } else if (const auto* f = std::get_if<float>(&attribute.value)) {
    to.add_float(field::Attribute::f, *f);
    type(AttributeType::f);
  } else if (const auto* s = std::get_if<std::string>(&attribute.value)) {
    to.add_string(field::Attribute::s, *s);
    type(AttributeType::s);
  } else {
    for (const std::int64_t value :
         std::get<Alternative<std::vector<std::int64_t>>>(attribute.value))
      to.add_int64(field::Attribute::ints, value);
    type(AttributeType::ints);
  }
  return text;
}

std::string message_of(const Operation& operation) {
  std::string text;
  Builder<field::Node> to(text);
  for (const std::string& input : operation.inputs) to.add_string(field::Node::input, input);
  for (const std::string& output : operation.outputs) to.add_string(field::Node::output, output);
  to.add_string(field::Node::name, operation.name);
  to.add_string(field::Node::type, operation.type);
  for (const Attribute& attribute : operation.attributes)
    to.add_message(field::Node::attribute, message_of(attribute));
  return text;
}

std::string message_of(const Dimension& dimension) {
  std::string text;
  Builder<field::Dimension> to(text);
  if (const auto* number = std::get_if<std::int64_t>(&dimension))
    to.add_int64(field::Dimension::value, *number);
  else
    to.add_string(field::Dimension::parameter, std::get<Alternative<std::string>>(dimension));
  return text;
}

std::string message_of(const Port& port) {
  std::string shape, tensor, type, text;
  Builder<field::Shape> to_shape(shape);
  for (const Dimension& dimension : port.shape)
    to_shape.add_message(field::Shape::dimension, message_of(dimension));
  Builder<field::TensorType> to_tensor(tensor);
  to_tensor.add_enum(field::TensorType::element,
                     static_cast<std::int32_t>(data_type_of(port.type)));
  to_tensor.add_message(field::TensorType::shape, shape);
  Builder<field::Type>(type).add_message(field::Type::tensor, tensor);
  Builder<field::Value> to(text);
  to.add_string(field::Value::name, port.name);
  to.add_message(field::Value::type, type);
  if (!port.meaning.empty()) to.add_string(field::Value::description, port.meaning);
  return text;
}

// ---- The file ----

// What stands before `length` bytes of a field: they follow without passing through memory here.
template <class Field>
std::string opening(Field field, std::size_t length) {
  constexpr std::uint64_t kBytesFollow = 2;  // wire type LEN
  std::string text;
  protozero::write_varint(std::back_inserter(text),
                          static_cast<std::uint64_t>(field) << 3 | kBytesFollow);
  protozero::write_varint(std::back_inserter(text), length);
  return text;
}

// Everything of an initializer but its elements, which are the last field.
std::string head_of(const io::NamedArray& initializer) {
  std::string tensor;
  Builder<field::Tensor> to(tensor);
  for (const std::int64_t extent : initializer.array.shape())
    to.add_int64(field::Tensor::dims, extent);
  to.add_enum(field::Tensor::data_type,
              static_cast<std::int32_t>(data_type_of(initializer.array.type())));
  to.add_string(field::Tensor::name, initializer.name);
  const std::size_t elements = initializer.array.bytes().size();
  tensor += opening(field::Tensor::raw_data, elements);
  return opening(field::Graph::initializer, tensor.size() + elements) + tensor;
}

std::string head_of_graph(const Model& model) {
  std::string text;
  Builder<field::Graph> to(text);
  to.add_string(field::Graph::name, model.name);
  for (const Port& port : model.inputs) to.add_message(field::Graph::input, message_of(port));
  for (const Port& port : model.outputs) to.add_message(field::Graph::output, message_of(port));
  for (const Operation& operation : model.operations)
    to.add_message(field::Graph::node, message_of(operation));
  return text;
}

std::string head_of_file(const Model& model) {
  std::string text;
  Builder<field::Model> to(text);
  to.add_int64(field::Model::ir_version, kIrVersion);
  to.add_string(field::Model::producer_name, model.producer);
  to.add_string(field::Model::producer_version, model.producer_version);
  to.add_string(field::Model::description, model.description);
  std::string set;
  Builder<field::OperatorSet>(set).add_int64(field::OperatorSet::version, kOperatorSet);
  to.add_message(field::Model::operator_sets, set);
  for (const auto& [key, value] : model.metadata) {
    std::string entry;
    Builder<field::Entry> to_entry(entry);
    to_entry.add_string(field::Entry::key, key);
    to_entry.add_string(field::Entry::value, value);
    to.add_message(field::Model::metadata, entry);
  }
  return text;
}

void check_size(const std::filesystem::path& path, std::size_t bytes) {
  constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();
  if (bytes <= kLimit) return;
  constexpr double kGiB = 1 << 30;
  fail(
      "cannot write {}: the model takes {:.1f} GiB, and an ONNX file holds at most 2: export a "
      "smaller model",
      path.string(), static_cast<double>(bytes) / kGiB);
}

}  // namespace

void write_model(const std::filesystem::path& path, const Model& model) {
  const std::string graph = head_of_graph(model);
  std::vector<std::string> heads;
  std::size_t graph_bytes = graph.size();
  for (const io::NamedArray& initializer : model.initializers) {
    heads.push_back(head_of(initializer));
    graph_bytes += heads.back().size() + initializer.array.bytes().size();
  }
  const std::string file_head = head_of_file(model) + opening(field::Model::graph, graph_bytes);
  check_size(path, file_head.size() + graph_bytes);

  io::AtomicFile file(path);
  file.write(file_head);
  file.write(graph);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    file.write(heads[i]);
    file.write(model.initializers[i].array.bytes());
  }
  file.commit();
}

}  // namespace trine::onnx
