#include "engine/io/strided.h"

#include <algorithm>

namespace trine::io {
namespace {

// Strides of extents where the axis last in `axes` varies fastest.
template <class Axes>
Extents packed_strides(const Extents& shape, const Axes& axes) {
  Extents strides(shape.size());
  std::int64_t step = 1;
  for (const std::size_t axis : axes) {
    strides[axis] = step;
    // An array without elements has no steps worth counting, and its other extents are unbounded.
    if (__builtin_mul_overflow(step, shape[axis], &step)) step = 0;
  }
  return strides;
}

std::vector<std::size_t> axes_upwards(std::size_t rank) {
  std::vector<std::size_t> axes(rank);
  for (std::size_t i = 0; i < rank; ++i) axes[i] = i;
  return axes;
}

}  // namespace

Layout row_major(Extents shape) {
  std::vector<std::size_t> axes = axes_upwards(shape.size());
  std::ranges::reverse(axes);
  Extents strides = packed_strides(shape, axes);
  return {std::move(shape), std::move(strides)};
}

Layout column_major(Extents shape) {
  Extents strides = packed_strides(shape, axes_upwards(shape.size()));
  return {std::move(shape), std::move(strides)};
}

bool is_row_major(const Layout& layout) {
  if (std::ranges::find(layout.shape, 0) != layout.shape.end()) return true;
  const Extents packed = row_major(layout.shape).strides;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    if (layout.shape[i] > 1 && layout.strides[i] != packed[i]) return false;
  }
  return true;
}

void check_within(const Layout& layout, std::int64_t elements) {
  if (layout.strides.size() != layout.shape.size()) {
    fail("a shape of {} dimensions comes with {} strides", layout.shape.size(),
         layout.strides.size());
  }
  if (layout.offset < 0) fail("an array begins {} elements before its storage", -layout.offset);
  if (count(layout.shape) == 0) return;
  std::int64_t last = layout.offset;
  for (std::size_t i = 0; i < layout.shape.size(); ++i) {
    std::int64_t reach = 0;
    if (layout.strides[i] < 0) fail("an array has the negative stride {}", layout.strides[i]);
    if (__builtin_mul_overflow(layout.shape[i] - 1, layout.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      fail("an array {} with strides {} reaches beyond what can be counted",
           to_string(layout.shape), to_string(layout.strides));
    }
  }
  if (last >= elements) {
    fail("an array {} with strides {} and offset {} reaches element {} of a storage of {}",
         to_string(layout.shape), to_string(layout.strides), layout.offset, last, elements);
  }
}

std::vector<std::byte> gather(ByteView source, std::size_t element_size, const Layout& layout) {
  const auto elements = static_cast<std::size_t>(count(layout.shape));
  std::vector<std::byte> out(elements * element_size);
  // The stride of an extent of 1 is never taken, may be anything, and must not be added.
  Extents strides = layout.strides;
  for (std::size_t i = 0; i < strides.size(); ++i)
    strides[i] = layout.shape[i] > 1 ? strides[i] : 0;
  Extents index(layout.shape.size(), 0);
  std::int64_t at = layout.offset;
  for (std::size_t i = 0; i < elements; ++i) {
    std::memcpy(out.data() + i * element_size,
                source.data() + static_cast<std::size_t>(at) * element_size, element_size);
    // Counts up like an odometer, the last axis fastest.
    for (std::size_t axis = index.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < layout.shape[axis]) break;
      at -= strides[axis] * layout.shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

void swap_bytes(std::span<std::byte> bytes, std::size_t element_size) {
  for (std::size_t at = 0; at + element_size <= bytes.size(); at += element_size) {
    std::ranges::reverse(bytes.subspan(at, element_size));
  }
}

}  // namespace trine::io
