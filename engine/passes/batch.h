// Plan to plan: steps of one wave that run the same kernel become one launch with a member table.
#pragma once

#include "engine/plan.h"

namespace trine {

// Whether the two could be members of one launch. Members may differ in extents, places, scalars,
// and in those attributes that the op declares as member attributes.
bool same_kernel(const Step& a, const Step& b);

// Needs a scheduled plan.
void batch(Plan& plan);

}  // namespace trine
