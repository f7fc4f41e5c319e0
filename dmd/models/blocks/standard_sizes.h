// The sizes of the data sets that configurations are named after, for ModelDef::presets. Widths are
// those of the distributed feature files with GloVe text; lists are l, a, v.
#pragma once

#include "dmd/data/input_sizes.h"

namespace dmd {

inline constexpr InputSizes kMosi{{300, 5, 20}, {50, 50, 50}};
inline constexpr InputSizes kMosei{{300, 74, 35}, {50, 50, 50}};
inline constexpr InputSizes kMosiUnaligned{{300, 5, 20}, {50, 375, 500}};
inline constexpr InputSizes kMoseiUnaligned{{300, 74, 35}, {50, 500, 500}};
inline constexpr InputSizes kIemocap{{300, 74, 35}, {20, 20, 20}};
inline constexpr InputSizes kBuiltIn{{16, 8, 12}, {12, 20, 16}};  // of `synthetic`

}  // namespace dmd
