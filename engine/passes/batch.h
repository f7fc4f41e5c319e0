// Plan to plan: steps of one wave that run the same kernel become one launch with a member table.
#pragma once

#include "engine/plan.h"

namespace trine {

// Needs a scheduled plan. Members may differ in extents, places, scalars, and in those attributes
// that the op declares as member attributes.
void batch(Plan& plan);

}  // namespace trine
