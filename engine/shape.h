// Shapes, strides and value types. A shape has at most six dimensions; extents may be zero only
// where an op says so. Strides count elements, not bytes; a stride of zero repeats (broadcast).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "engine/dtype.h"

namespace trine {

inline constexpr int kMaxRank = 6;

// A small fixed-capacity list of integers: what Shape and Strides have in common.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<std::int64_t> values);
  explicit Dims(std::span<const std::int64_t> values);
  static Dims filled(int rank, std::int64_t value);

  int rank() const { return rank_; }
  std::int64_t operator[](int i) const { return values_[static_cast<std::size_t>(i)]; }
  std::int64_t& operator[](int i) { return values_[static_cast<std::size_t>(i)]; }
  std::int64_t back() const { return values_[static_cast<std::size_t>(rank_ - 1)]; }
  const std::int64_t* begin() const { return values_.data(); }
  const std::int64_t* end() const { return values_.data() + rank_; }

  void push_back(std::int64_t value);
  void insert(int at, std::int64_t value);
  void erase(int at);

  friend bool operator==(const Dims&, const Dims&) = default;

 private:
  std::array<std::int64_t, kMaxRank> values_{};
  int rank_ = 0;
};

using Shape = Dims;
using Strides = Dims;

// Product of the extents; 1 for a scalar.
std::int64_t count(const Shape& shape);

// Row-major strides of a densely packed tensor.
Strides dense_strides(const Shape& shape);

// Maps axis in [-rank, rank) to [0, rank); throws Error naming `who` otherwise.
int normalize_axis(int axis, int rank, std::string_view who);

// "(16, 46, 50)"; "()" for a scalar.
std::string to_string(const Dims& dims);

// What a graph value is: its element type and its shape.
struct Type {
  DType dtype = DType::f32;
  Shape shape;

  friend bool operator==(const Type&, const Type&) = default;
};

std::string to_string(const Type& type);

}  // namespace trine
