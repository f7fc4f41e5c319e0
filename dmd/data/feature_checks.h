// From fields as a file holds them to a dataset that the model can rely on.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dmd/data/dataset.h"
#include "dmd/data/feature_options.h"
#include "engine/io/array.h"

namespace dmd {

inline constexpr std::array<const char*, 3> kSplitNames{"train", "valid", "test"};

// The fields of a split, converted from their file format and not yet compared with each other.
struct RawSplit {
  std::vector<std::string> ids, raw_text;    // raw_text may be empty: not every file has it
  std::optional<trine::io::Array> text;      // (n, steps, width); none where an encoder makes it
  trine::io::Array audio, vision;            // (n, steps, width)
  std::optional<trine::io::Array> bert;      // (n, 3, tokens): ids, mask, segments
  std::optional<std::vector<float>> labels;  // n; NaN for none
};

struct RawDataset {
  std::array<std::optional<RawSplit>, 3> splits;  // in the order of kSplitNames
  std::vector<std::string> notes;
};

// Throws trine::Error with a clause ("in train, ...").
Dataset checked_dataset(const RawDataset& raw, const std::string& source,
                        const FeatureOptions& options);

}  // namespace dmd
