// What a model must beat to have learned anything.
#pragma once

#include "dmd/data/dataset.h"
#include "dmd/metrics/metrics.h"

namespace dmd {

// Scores on `split` of a predictor that always answers the median label of `train`, which has the
// lowest mean absolute error there of all constants. `train` is not empty.
Metrics constant_predictor(const Split& train, const Split& split, std::int64_t batch_size);

}  // namespace dmd
