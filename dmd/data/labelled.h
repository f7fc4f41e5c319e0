// Utterances with a label and without, where a file was read that need not have them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dmd/data/dataset.h"

namespace dmd {

// Whether the utterance has a class where they were read, and else every number of its label.
bool is_labelled(const Split& split, std::int64_t row);

std::int64_t count_unlabelled(const Split& split);

// The split without its unlabelled utterances, in the same order.
Split labelled_part(const Split& split);

// Every split so; `left_out` gets a sentence for each that had some. Throws trine::Error where none
// is left of a split.
void keep_labelled(Dataset& data, std::vector<std::string>& left_out);

}  // namespace dmd
