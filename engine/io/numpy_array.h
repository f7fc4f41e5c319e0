// Raw NumPy buffers turned into arrays and values.
#pragma once

#include "engine/io/pickle_value.h"

namespace trine::io::pickle {

enum class Order : std::uint8_t { row_major, column_major };

// An Array for numeric dtypes (a view into `data` where neither byte order nor layout differs), and
// Objects holding strings for 'U' and 'S'. Throws Error with a clause for sizes that do not fit
// together, characters that do not exist, and dtypes that hold neither numbers nor text.
Value::Data array_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data,
                              Extents shape, Order order);

// The single element of a buffer as a number, a boolean or a string.
Value::Data scalar_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data);

}  // namespace trine::io::pickle
