// From fields as a file holds them to a dataset that the model can rely on.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dmd/config/per_modality.h"
#include "dmd/data/dataset.h"
#include "dmd/data/feature_options.h"
#include "engine/io/array.h"

namespace dmd {

// The fields of a split, converted from their file format and not yet compared with each other.
struct RawSplit {
  std::vector<std::string> ids, raw_text;  // raw_text may be empty: not every file has it
  // (n, steps, width); none of a modality that the file does not have, or leaves to an encoder.
  PerModality<std::optional<trine::io::Array>> features;
  std::optional<trine::io::Array> bert;             // (n, 3, tokens): ids, mask, segments
  std::optional<std::vector<float>> labels;         // n; NaN for none
  std::optional<std::vector<std::string>> classes;  // n; "" for none
  std::optional<trine::io::Array> emotions;         // (n, 4, 2): one-hot, of no and of yes
};

struct RawDataset {
  std::array<std::optional<RawSplit>, 3> splits;  // in the order of kSplitNames
  std::vector<std::string> notes;
};

// Throws trine::Error with a clause ("in train, ...").
Dataset checked_dataset(const RawDataset& raw, const std::string& source,
                        const FeatureOptions& options);

}  // namespace dmd
