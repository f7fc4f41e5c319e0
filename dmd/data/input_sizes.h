// The widths and lengths of what a model reads: what a data set has, and a configuration must fit.
#pragma once

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

struct InputSizes {
  SizeList feature_dims{}, seq_lens{};  // l, a, v

  friend bool operator==(const InputSizes&, const InputSizes&) = default;
};

InputSizes input_sizes(const Split& split);

// The same once the text has gone through the configuration's encoder, if there is one: a step for
// each token, as wide as the encoder's hidden states.
InputSizes input_sizes(const Split& split, const Config& config);

}  // namespace dmd
