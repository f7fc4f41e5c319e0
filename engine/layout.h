// How a value lies in memory, and the arithmetic of views on it. A view op changes the layout and
// moves no data; where no layout expresses it, the lowering copies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/shape.h"

namespace trine {

struct Layout {
  std::int64_t offset = 0;  // elements from the start of the base
  Shape shape;
  Strides strides;

  static Layout dense(const Shape& shape) { return {0, shape, dense_strides(shape)}; }

  friend bool operator==(const Layout&, const Layout&) = default;
};

// Packed row-major; extents of one may have any stride.
bool is_dense(const Shape& shape, const Strides& strides);

// The strides that give the same elements in the same order under another shape, if there are any.
std::optional<Strides> reshape_strides(const Shape& shape, const Strides& strides,
                                       const Shape& new_shape);

// Elements from the first to one past the last that the layout touches.
std::int64_t extent_of(const Shape& shape, const Strides& strides);

// Drops extents of one and merges neighbouring dimensions that every operand walks as one, so that
// kernels loop over as few dimensions as can be. `strides[i]` belongs to operand i; both change.
void collapse(Shape& shape, std::span<Strides> strides);

}  // namespace trine
