// The layout of MMSA feature files: a dict of train, valid and test, each a dict of fields.
#pragma once

#include <array>

#include "dmd/data/feature_checks.h"
#include "engine/io/pickle_value.h"

namespace dmd {

// In the order of kSplitNames. Fields: id, text, audio, vision, regression_labels; raw_text and
// text_bert where they are there; others are not looked at. Lists and NumPy arrays serve alike for
// what is one value a sample. Throws trine::Error with a clause that names what is missing and what
// is there instead.
std::array<RawSplit, 3> splits_from_pickle(const trine::io::pickle::Value& root);

}  // namespace dmd
