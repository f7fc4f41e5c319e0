// Feature files: the pickles of the MMSA framework, and our own safetensors made from them.
#pragma once

#include <filesystem>

#include "dmd/data/dataset.h"

namespace dmd {

// Reads either format; the contents decide, not the name. Features of any numeric type become f32,
// -inf in audio becomes 0. Throws trine::Error with the path where a split or a field is missing,
// counts, lengths or widths do not agree, something is empty, or a value is not finite (the sample
// is named).
Dataset read_feature_file(const std::filesystem::path& path);

// Writes the safetensors format (feature_tensors.h says how it is laid out); replaces the file as a
// whole or leaves it as it was.
void write_feature_file(const Dataset& data, const std::filesystem::path& path);

}  // namespace dmd
