// An ONNX model in memory, as far as models here need it, and the way into a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/alternative.h"
#include "engine/io/array.h"

namespace trine::onnx {

using AttributeValue =
    std::variant<std::int64_t, float, std::string, Alternative<std::vector<std::int64_t>>>;

struct Attribute {
  std::string name;
  AttributeValue value;
};

// A node of the graph: an operator of the standard set, applied.
struct Operation {
  std::string type, name;
  std::vector<std::string> inputs, outputs;
  std::vector<Attribute> attributes;
};

// A number, or the name of one that is known when the model runs.
using Dimension = std::variant<std::int64_t, Alternative<std::string>>;

// An input or an output of the model.
struct Port {
  std::string name;
  io::ElementType type = io::ElementType::f32;
  std::vector<Dimension> shape;
  std::string meaning;
};

struct Model {
  std::string name = "program";  // a graph without a name is not valid
  std::string description, producer, producer_version;
  std::map<std::string, std::string> metadata;
  std::vector<Port> inputs, outputs;
  std::vector<Operation> operations;  // each after those whose outputs it reads
  io::NamedArrays initializers;       // f32, i64 or boolean
};

// Replaces the file as a whole or leaves it as it was. Initializers go from where they lie to the
// file, without a copy. Throws Error for a model of more than 2 GiB, which Protocol Buffers cannot
// hold, and for whatever hinders writing.
void write_model(const std::filesystem::path& path, const Model& model);

}  // namespace trine::onnx
