#include "engine/shape.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "engine/error.h"

namespace trine {

Dims::Dims(std::initializer_list<std::int64_t> values)
    : Dims(std::span<const std::int64_t>(values.begin(), values.size())) {}

Dims::Dims(std::span<const std::int64_t> values) {
  for (std::int64_t value : values) push_back(value);
}

Dims Dims::filled(int rank, std::int64_t value) {
  Dims dims;
  for (int i = 0; i < rank; ++i) dims.push_back(value);
  return dims;
}

void Dims::push_back(std::int64_t value) { insert(rank_, value); }

void Dims::insert(int at, std::int64_t value) {
  if (rank_ == kMaxRank)
    fail("a tensor has at most {} dimensions, and one more than that was asked for", kMaxRank);
  auto* first = values_.data();
  std::copy_backward(first + at, first + rank_, first + rank_ + 1);
  first[at] = value;
  ++rank_;
}

void Dims::erase(int at) {
  auto* first = values_.data();
  std::copy(first + at + 1, first + rank_, first + at);
  --rank_;
  first[rank_] = 0;
}

std::int64_t count(const Shape& shape) {
  std::int64_t n = 1;
  for (std::int64_t extent : shape) n *= extent;
  return n;
}

Strides dense_strides(const Shape& shape) {
  Strides strides = Dims::filled(shape.rank(), 1);
  for (int i = shape.rank() - 2; i >= 0; --i) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

int normalize_axis(int axis, int rank, std::string_view who) {
  if (axis < -rank || axis >= rank)
    fail("{}: axis {} does not exist in a tensor of {} dimensions; use {} to {}", who, axis, rank,
         -rank, rank - 1);
  return axis < 0 ? axis + rank : axis;
}

std::string to_string(const Dims& dims) {
  return fmt::format("({})", fmt::join(dims.begin(), dims.end(), ", "));
}

std::string to_string(const Type& type) {
  return fmt::format("{}{}", name_of(type.dtype), to_string(type.shape));
}

}  // namespace trine
