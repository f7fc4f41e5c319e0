// NumPy's archives of arrays: a zip file that holds NAME.npy for each array.
#pragma once

#include <filesystem>

#include "engine/io/array.h"

namespace trine::io {

// Writes f32, f64, i32 and i64 arrays without packing them, as numpy.savez does; replaces the file
// as a whole or leaves it as it was. Throws Error for another type, a name given twice and whatever
// hinders writing. Keeps a copy of all arrays in memory meanwhile.
void write_npz(const std::filesystem::path& path, const NamedArrays& arrays);

}  // namespace trine::io
