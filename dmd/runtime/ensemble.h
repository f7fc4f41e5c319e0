// What several models say together, of one configuration and different seeds.
#pragma once

#include <span>

#include "dmd/runtime/predictions.h"

namespace dmd {

// Each number's mean over the models, in double. Outputs that some of them lack are left out.
// Throws trine::Error where there are none, or where they answer other questions.
Predictions mean_of(std::span<const Predictions> models);

}  // namespace dmd
