// Which builder makes the launches of which step, and what kernels cannot do.
#pragma once

#include <string>

#include "backends/cuda/build.h"

namespace trine::cuda {

// Empty if the step can run; otherwise a sentence that says why not and what to do.
std::string why_unsupported(const Step& step);

void build_step(Build& build, const Step& step);

}  // namespace trine::cuda
