// An array as files hold it: an element type, a shape and row-major bytes. Files know more types
// than the engine computes with; `to_f32` and `to_i32` lead from one to the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/bytes.h"

namespace trine::io {

enum class ElementType : std::uint8_t {
  boolean,
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  u64,
  i64,
  f16,
  bf16,
  f32,
  f64
};

std::size_t size_of(ElementType type);       // bytes an element
std::string_view name_of(ElementType type);  // "f32"

// Not engine shapes: files hold ranks that the engine does not compute with.
inline constexpr std::size_t kMaxFileRank = 64;  // NumPy's own limit
using Extents = std::vector<std::int64_t>;

std::string to_string(const Extents& extents);  // "(3, 4)"

// Product of the extents. Throws Error where there are more than kMaxFileRank, one
// is negative, or the product passes 2^56 (so that bytes can be counted too).
std::int64_t count(const Extents& extents);

class Array {
 public:
  Array() = default;  // no elements: shape (0)

  // Row-major bytes of this machine's byte order, at any alignment. Throws Error unless they are
  // exactly as many as type and shape ask for.
  Array(ElementType type, Extents shape, SharedBytes bytes);

  static Array from(std::vector<float> values, Extents shape);
  static Array from(std::vector<double> values, Extents shape);
  static Array from(std::vector<std::int32_t> values, Extents shape);
  static Array from(std::vector<std::int64_t> values, Extents shape);
  static Array from(std::vector<std::uint8_t> values, Extents shape);

  ElementType type() const { return type_; }
  const Extents& shape() const { return shape_; }
  std::int64_t rank() const { return static_cast<std::int64_t>(shape_.size()); }
  std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size() / size_of(type_)); }
  ByteView bytes() const { return bytes_.view; }
  const SharedBytes& shared() const { return bytes_; }

  // Every element, converted. to_f32 and to_f64 round to nearest.
  std::vector<float> to_f32() const;
  std::vector<double> to_f64() const;
  // Throws Error at the first element that is not a whole number within 32 bits, of whatever type.
  std::vector<std::int32_t> to_i32() const;

 private:
  ElementType type_ = ElementType::f32;
  Extents shape_{0};
  SharedBytes bytes_;
};

std::string to_string(const Array& array);  // "f32 (3, 4)"

struct NamedArray {
  std::string name;
  Array array;
};

// In the order of the file, which is the order of whoever wrote it.
using NamedArrays = std::vector<NamedArray>;

const Array* find(const NamedArrays& arrays, std::string_view name);  // nullptr where absent

// An array that is made when it is written and not kept: a file may be larger than memory.
struct ArraySource {
  std::string name;
  ElementType type;
  Extents shape;
  std::function<Array()> make;  // of this type and shape
};

using ArraySources = std::vector<ArraySource>;

ArraySources sources_of(const NamedArrays& arrays);

}  // namespace trine::io
