// The oracle as a device: executes plans in double precision with plain loops, through the ops' own
// references. Slow, and right.
#pragma once

#include <memory>

#include "backends/backend.h"

namespace trine {

std::unique_ptr<Backend> make_reference_backend();

}  // namespace trine
