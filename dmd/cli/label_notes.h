// What a user should know of labels before they are scored.
#pragma once

#include <vector>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd::cli {

// Says on standard error, once, where sentiment lies beyond what the metrics are made for, or in so
// small a range that other metrics are.
void note_range(const std::vector<const Split*>& splits, const Config& config);

}  // namespace dmd::cli
