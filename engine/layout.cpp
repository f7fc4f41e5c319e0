#include "engine/layout.h"

#include <algorithm>

namespace trine {

bool is_dense(const Shape& shape, const Strides& strides) {
  std::int64_t expected = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::optional<Strides> reshape_strides(const Shape& shape, const Strides& strides,
                                       const Shape& new_shape) {
  if (is_dense(shape, strides)) return dense_strides(new_shape);
  // Walk both shapes in groups of equal element count; a group can be regrouped freely only where
  // its old dimensions are contiguous among themselves.
  Strides result = Dims::filled(new_shape.rank(), 0);
  int from = 0, to = 0;
  while (from < shape.rank() && to < new_shape.rank()) {
    int from_end = from + 1, to_end = to + 1;
    std::int64_t old_count = shape[from], new_count = new_shape[to];
    while (old_count != new_count) {
      if (old_count < new_count) {
        if (from_end == shape.rank()) return std::nullopt;
        old_count *= shape[from_end++];
      } else {
        if (to_end == new_shape.rank()) return std::nullopt;
        new_count *= new_shape[to_end++];
      }
    }
    std::int64_t unit = 0;  // stride of the innermost extent of the group that is not one
    bool seen = false;
    std::int64_t expected = 0;
    for (int i = from_end - 1; i >= from; --i) {
      if (shape[i] == 1) continue;
      if (!seen) {
        unit = strides[i];
        seen = true;
      } else if (strides[i] != expected) {
        return std::nullopt;
      }
      expected = strides[i] * shape[i];
    }
    std::int64_t stride = unit;
    for (int i = to_end - 1; i >= to; --i) {
      result[i] = stride;
      stride *= new_shape[i];
    }
    from = from_end;
    to = to_end;
  }
  return result;  // what is left on either side are extents of one
}

std::int64_t extent_of(const Shape& shape, const Strides& strides) {
  std::int64_t last = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == 0) return 0;
    last += (shape[i] - 1) * strides[i];
  }
  return last + 1;
}

void collapse(Shape& shape, std::span<Strides> strides) {
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] != 1) continue;
    shape.erase(i);
    for (Strides& s : strides) s.erase(i);
  }
  for (int i = shape.rank() - 2; i >= 0; --i) {
    const bool one_walk = std::all_of(strides.begin(), strides.end(), [&](const Strides& s) {
      return s[i] == s[i + 1] * shape[i + 1];
    });
    if (!one_walk) continue;
    shape[i] *= shape[i + 1];
    shape.erase(i + 1);
    for (Strides& s : strides) {
      s[i] = s[i + 1];
      s.erase(i + 1);
    }
  }
}

}  // namespace trine
