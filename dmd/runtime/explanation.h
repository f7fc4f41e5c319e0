// What a model says of one utterance and why, for people: the score on a gauge, or the probability
// of each class or emotion; what each of its heads says alone, and the strongest of its edges.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dmd/data/dataset.h"
#include "dmd/models/model_def.h"
#include "dmd/runtime/predictions.h"

namespace dmd {

// "-3 [-------o----|------------] +3"; `limit` stands at both ends.
std::string gauge(float score, float limit = 3);

// Some lines of text about row `row` of the split that the predictions are of. Outputs that are not
// among `known` (checkpoint.h, outputs_in()) are left out.
std::string explanation(const Predictions& predictions, const std::vector<OutputInfo>& known,
                        const Split& split, std::size_t row, const Config& config);

}  // namespace dmd
