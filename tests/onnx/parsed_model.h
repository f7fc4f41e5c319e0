// ONNX files read back, as far as models here use the format.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <protozero/pbf_message.hpp>

#include "engine/onnx/format.h"
#include "engine/onnx/model.h"
#include "tests/support/temporary_folder.h"

namespace trine::onnx {

struct Parsed {
  std::int64_t ir_version = 0, operator_set = 0;
  Model model;
};

namespace parse {

template <class Field>
using Message = protozero::pbf_message<Field>;

inline AttributeValue value_of(Message<field::Attribute>& from, std::string& name) {
  AttributeValue value;
  std::vector<std::int64_t> ints;
  AttributeType type{};
  while (from.next()) switch (from.tag()) {
      case field::Attribute::name:
        name = from.get_string();
        break;
      case field::Attribute::f:
        value = from.get_float();
        break;
      case field::Attribute::i:
        value = from.get_int64();
        break;
      case field::Attribute::s:
        value = from.get_string();
        break;
      case field::Attribute::ints:
        ints.push_back(from.get_int64());
        break;
      case field::Attribute::type:
        type = static_cast<AttributeType>(from.get_enum());
        break;
    }
  return type == AttributeType::ints ? AttributeValue(ints) : value;
}

inline Operation operation(Message<field::Node> from) {
  Operation operation;
  while (from.next()) switch (from.tag()) {
      case field::Node::input:
        operation.inputs.push_back(from.get_string());
        break;
      case field::Node::output:
        operation.outputs.push_back(from.get_string());
        break;
      case field::Node::name:
        operation.name = from.get_string();
        break;
      case field::Node::type:
        operation.type = from.get_string();
        break;
      case field::Node::attribute: {
        Attribute attribute;
        Message<field::Attribute> message(from.get_view());
        attribute.value = value_of(message, attribute.name);
        operation.attributes.push_back(attribute);
        break;
      }
    }
  return operation;
}

inline io::ElementType element(std::int32_t type) {
  const auto data_type = static_cast<DataType>(type);
  if (data_type == DataType::f32) return io::ElementType::f32;
  return data_type == DataType::i64 ? io::ElementType::i64 : io::ElementType::boolean;
}

inline Dimension dimension(Message<field::Dimension> from) {
  Dimension dimension;
  while (from.next())
    if (from.tag() == field::Dimension::value)
      dimension = from.get_int64();
    else
      dimension = from.get_string();
  return dimension;
}

inline void tensor_type(Message<field::TensorType> from, Port& port) {
  while (from.next()) {
    if (from.tag() == field::TensorType::element) {
      port.type = element(from.get_enum());
      continue;
    }
    Message<field::Shape> shape(from.get_view());
    while (shape.next()) port.shape.push_back(dimension(shape.get_view()));
  }
}

inline Port port(Message<field::Value> from) {
  Port port;
  while (from.next()) switch (from.tag()) {
      case field::Value::name:
        port.name = from.get_string();
        break;
      case field::Value::description:
        port.meaning = from.get_string();
        break;
      case field::Value::type: {
        Message<field::Type> type(from.get_view());
        while (type.next()) tensor_type(type.get_view(), port);
        break;
      }
    }
  return port;
}

inline io::NamedArray initializer(Message<field::Tensor> from) {
  std::string name, raw;
  io::Extents shape;
  io::ElementType type{};
  while (from.next()) switch (from.tag()) {
      case field::Tensor::dims:
        shape.push_back(from.get_int64());
        break;
      case field::Tensor::data_type:
        type = element(from.get_enum());
        break;
      case field::Tensor::name:
        name = from.get_string();
        break;
      case field::Tensor::raw_data:
        raw = from.get_string();
        break;
    }
  std::vector<std::byte> bytes(raw.size());
  std::memcpy(bytes.data(), raw.data(), raw.size());
  return {name, io::Array(type, shape, io::share(std::move(bytes)))};
}

inline void graph(Message<field::Graph> from, Model& model) {
  while (from.next()) switch (from.tag()) {
      case field::Graph::name:
        model.name = from.get_string();
        break;
      case field::Graph::node:
        model.operations.push_back(operation(from.get_view()));
        break;
      case field::Graph::initializer:
        model.initializers.push_back(initializer(from.get_view()));
        break;
      case field::Graph::input:
        model.inputs.push_back(port(from.get_view()));
        break;
      case field::Graph::output:
        model.outputs.push_back(port(from.get_view()));
        break;
    }
}

inline void metadata(Message<field::Entry> from, Model& model) {
  std::string key, value;
  while (from.next()) (from.tag() == field::Entry::key ? key : value) = from.get_string();
  model.metadata[key] = value;
}

}  // namespace parse

inline Parsed parse_model(const std::filesystem::path& file) {
  const std::string text = contents_of(file);
  Parsed parsed;
  protozero::pbf_message<field::Model> from(text);
  while (from.next()) switch (from.tag()) {
      case field::Model::ir_version:
        parsed.ir_version = from.get_int64();
        break;
      case field::Model::producer_name:
        parsed.model.producer = from.get_string();
        break;
      case field::Model::producer_version:
        parsed.model.producer_version = from.get_string();
        break;
      case field::Model::description:
        parsed.model.description = from.get_string();
        break;
      case field::Model::operator_sets: {
        protozero::pbf_message<field::OperatorSet> set(from.get_view());
        while (set.next()) parsed.operator_set = set.get_int64();
        break;
      }
      case field::Model::metadata:
        parse::metadata(from.get_view(), parsed.model);
        break;
      case field::Model::graph:
        parse::graph(from.get_view(), parsed.model);
        break;
    }
  return parsed;
}

}  // namespace trine::onnx
