// Plan to plan: merges elementwise steps into their users and into the structured steps before
// them, so that intermediate values never reach memory.
#pragma once

#include "engine/passes/fusion.h"
#include "engine/plan.h"

namespace trine {

// Needs an unscheduled plan in dependency order. What is merged:
//   elementwise into elementwise over the same elements,
//   elementwise at the end of a structured step whose kernel takes it (epilogue),
//   elementwise in front of one (prologue).
void fuse(Plan& plan, const Fusion& fusion = {});

}  // namespace trine
