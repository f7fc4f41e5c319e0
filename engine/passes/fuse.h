// Plan to plan: merges elementwise steps into their users and into the structured steps before
// them, so that intermediate values never reach memory.
#pragma once

#include "engine/plan.h"

namespace trine {

// Needs an unscheduled plan in dependency order. What is merged:
//   elementwise into elementwise over the same elements,
//   elementwise at the end of a matmul or a reduction (epilogue),
//   elementwise in front of a reduction (prologue).
void fuse(Plan& plan);

}  // namespace trine
