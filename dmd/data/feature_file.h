// Feature files: the pickles of the MMSA framework, and our own safetensors made from them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dmd/data/dataset.h"
#include "dmd/data/feature_options.h"
#include "engine/io/bytes.h"

namespace dmd {

// In place of a path: a feature file comes on standard input.
constexpr std::string_view kStandardInput = "-";

// The bytes of a file, or of standard input, and its name for messages.
struct NamedBytes {
  trine::io::SharedBytes bytes;
  std::string name;
};
NamedBytes read_bytes(const std::filesystem::path& path);

// Reads either format, packed or not, and what torch.save made of the first; the contents decide,
// not the name. Features of any numeric type become f32, -inf in audio becomes 0. Throws
// trine::Error with the path where a split or a field that is needed is missing, counts, lengths or
// widths do not agree, something is empty, or values cannot be computed with (they are counted, and
// the first are named).
Dataset read_feature_file(const std::filesystem::path& path, const FeatureOptions& options = {});
Dataset parse_feature_file(const NamedBytes& file, const FeatureOptions& options = {});

// Writes the safetensors format (feature_tensors.h says how it is laid out); replaces the file as a
// whole or leaves it as it was. Splits without utterances, and labels where all are NaN, are left
// out.
void write_feature_file(const Dataset& data, const std::filesystem::path& path);

}  // namespace dmd
