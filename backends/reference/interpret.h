// Executes one member of a step over buffers of doubles.
#pragma once

#include <vector>

#include "engine/plan.h"
#include "engine/run_params.h"

namespace trine {

// `buffers` holds, for each buffer of the plan, one double for each 4-byte element.
void interpret(const Step& step, const Member& member, const RunParams& params,
               const std::vector<std::vector<double>*>& buffers);

}  // namespace trine
