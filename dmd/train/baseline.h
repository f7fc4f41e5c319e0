// What a model must beat to have learned anything.
#pragma once

#include <string>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/metrics/scores.h"

namespace dmd {

// Scores on `split` of a predictor that gives every utterance one answer, the best constant of the
// training labels: of sentiment their median, which has the lowest mean absolute error there; of
// classes the most frequent one, and of emotions that for each, both with the shares of the labels
// for probabilities (with one label more of each, so that none is impossible). `train` is not
// empty.
Scores constant_predictor(const Split& train, const Split& split, const Config& config);

// "the median label", for people.
std::string_view constant_answer(Task task);

}  // namespace dmd
