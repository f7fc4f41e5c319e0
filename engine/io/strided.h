// Foreign memory layouts brought into row-major order and this machine's byte order.
#pragma once

#include <vector>

#include "engine/io/array.h"

namespace trine::io {

// Strides and the offset count elements; the first element lies at `offset`.
struct Layout {
  Extents shape, strides;
  std::int64_t offset = 0;
};

Layout row_major(Extents shape);
Layout column_major(Extents shape);

// True where row-major reading from the offset meets the elements in order.
bool is_row_major(const Layout& layout);

// Throws Error unless every element of the layout lies within `elements`, and no stride is
// negative. A stride of zero repeats.
void check_within(const Layout& layout, std::int64_t elements);

// Copies the elements of a checked layout one after the other, row-major.
std::vector<std::byte> gather(ByteView source, std::size_t element_size, const Layout& layout);

// Reverses the bytes of each element in place.
void swap_bytes(std::span<std::byte> bytes, std::size_t element_size);

}  // namespace trine::io
