// Plan to plan: gives every value a place in one workspace arena, reusing what is no longer needed.
#pragma once

#include "engine/plan.h"

namespace trine {

// Needs a scheduled plan. A value lives from the wave that writes it to the last wave that reads it
// (to the end if it is fetched); values whose lives overlap never share bytes, but where an
// elementwise step may replace an operand of its own (in_place.h). With `reuse` off each value has
// bytes of its own, which is for finding faults.
void place_values(Plan& plan, bool reuse = true);

}  // namespace trine
