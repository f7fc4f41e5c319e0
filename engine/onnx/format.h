// The parts of the ONNX file format that models here use: field numbers of its Protocol Buffers
// messages and the values of its enumerations. Source: onnx/onnx.proto of github.com/onnx/onnx,
// IR version 8, and the operator set that came with it (ONNX 1.12).
#pragma once

#include <cstdint>

namespace trine::onnx {

inline constexpr std::int64_t kIrVersion = 8;
inline constexpr std::int64_t kOperatorSet = 17;

// Each enumeration is a message and names its fields.
namespace field {

enum class Model : std::uint32_t {
  ir_version = 1,
  producer_name = 2,
  producer_version = 3,
  description = 6,
  graph = 7,
  operator_sets = 8,
  metadata = 14,
};
enum class OperatorSet : std::uint32_t { version = 2 };
enum class Entry : std::uint32_t { key = 1, value = 2 };
enum class Graph : std::uint32_t {
  node = 1,
  name = 2,
  initializer = 5,
  input = 11,
  output = 12,
};
enum class Node : std::uint32_t { input = 1, output = 2, name = 3, type = 4, attribute = 5 };
enum class Attribute : std::uint32_t { name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20 };
enum class Tensor : std::uint32_t { dims = 1, data_type = 2, name = 8, raw_data = 9 };
enum class Value : std::uint32_t { name = 1, type = 2, description = 3 };
enum class Type : std::uint32_t { tensor = 1 };
enum class TensorType : std::uint32_t { element = 1, shape = 2 };
enum class Shape : std::uint32_t { dimension = 1 };
enum class Dimension : std::uint32_t { value = 1, parameter = 2 };

}  // namespace field

// AttributeProto.AttributeType and TensorProto.DataType.
enum class AttributeType : std::int32_t { f = 1, i = 2, s = 3, ints = 7 };
enum class DataType : std::int32_t { f32 = 1, i64 = 7, boolean = 9 };

}  // namespace trine::onnx
