// Sequences at the lengths that a model was made for: clips of one's own have others.
#pragma once

#include <string>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

// Gives every sequence the configuration's number of time steps: zeros come before a shorter one,
// which is where feature files pad, and of a longer one the first steps stay, as MMSA-FET keeps
// them. Where the configuration leaves the length to the data (0), and where an encoder makes the
// text's features, nothing changes. Returns a sentence for each modality that was changed.
std::vector<std::string> fit_lengths(Split& split, const Config& config);

}  // namespace dmd
