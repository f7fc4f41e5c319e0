// Raw NumPy buffers turned into arrays and values.
#pragma once

#include <optional>

#include "engine/io/pickle_value.h"

namespace trine::io::pickle {

enum class Order : std::uint8_t { row_major, column_major };

// An Array for numeric dtypes (a view into `data` where neither byte order nor layout differs),
// Objects holding strings for 'U' and 'S', and an Opaque value for dtypes that hold neither numbers
// nor text. A string with characters that do not exist comes as bytes that are not UTF-8. Throws
// Error with a clause for sizes that do not fit together.
Value::Data array_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data,
                              Extents shape, Order order);

// How many bytes an array takes; nullopt for dtypes that hold neither numbers nor text. Throws
// Error with a clause for shapes that cannot be counted.
std::optional<std::uint64_t> buffer_bytes(const NumpyType& dtype, const Extents& shape);

// The single element of a buffer as a number, a boolean or a string, or as an Opaque value.
Value::Data scalar_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data);

}  // namespace trine::io::pickle
