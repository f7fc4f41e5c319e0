// The widths and lengths of a model's inputs: what a data set has and a configuration must fit.
#pragma once

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

struct InputSizes {
  SizeList feature_dims{}, seq_lens{};  // l, a, v

  friend bool operator==(const InputSizes&, const InputSizes&) = default;
};

InputSizes input_sizes(const Split& split);

// The same once the text has gone through the configuration's encoder, if there is one: a step a
// token, as wide as the encoder's hidden states.
InputSizes input_sizes(const Split& split, const Config& config);

// Throws trine::Error where a model of this configuration cannot read inputs of these sizes: its
// own sizes are others, a kernel is longer than its sequence, or a modality is already d wide and
// its kernel is not 1 (the projection is skipped there, so the kernel would not apply).
void check_against(const Config& config, const InputSizes& sizes);

// Takes the sizes that are 0 from the data, then checks.
Config fitted_to(Config config, const InputSizes& sizes);

}  // namespace dmd
