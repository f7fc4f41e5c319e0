// NumPy's part of the pickle vocabulary: how arrays, dtypes and scalars are put together.
#pragma once

#include "engine/io/byte_cursor.h"
#include "engine/io/pickle.h"

namespace trine::io::pickle {

// NumPy 1 and 2 pickle an array in two steps: `_reconstruct` makes it empty, and the BUILD opcode
// brings its state, (version, shape, dtype, is_fortran, contents). dtypes come the same way.
// Turns `target` into what `state` says; throws Error with a clause where that is not plain data.
void set_numpy_state(Store& store, Value& target, const Value& state);

// The same for an array of joblib.dump: `state` describes it, and its contents stand behind it in
// the file, where `cursor` is. They are a view into `file`.
void set_joblib_state(Store& store, Value& target, const Value& state, ByteCursor& cursor,
                      const SharedBytes& file);

}  // namespace trine::io::pickle
