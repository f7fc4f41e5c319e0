// Plan to plan: orders steps into waves. Steps of one wave do not depend on each other, so that one
// barrier a wave suffices.
#pragma once

#include <vector>

#include "engine/plan.h"

namespace trine {

// For each step, the steps that must run before it: writers of what it reads, and readers of the
// states that it writes. Error when two steps write one element of a state.
std::vector<std::vector<int>> dependencies(const Plan& plan);

// Assigns each step a wave and sorts the steps by it. There are as many waves as the longest chain
// of steps. A step that could run waits, while that makes nothing else late, until another of the
// same kernel must run, so that the two become one launch.
void schedule(Plan& plan);

}  // namespace trine
