// Parameters that are not numbers any more.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/nn/parameters.h"

namespace dmd {

// The first parameter of an arena that holds NaN or an infinity, how many there are and what came,
// for messages: "'proj_l.weight' and 3 more hold values that are not finite, the first nan". Empty
// where all are finite.
std::string not_finite(const trine::nn::ParameterStore& store, std::span<const float> arena);

}  // namespace dmd
