// A device that plans and runs nothing: for looking at plans where no device is wanted.
#pragma once

#include <memory>

#include "backends/backend.h"

namespace trine {

std::unique_ptr<Backend> make_null_backend();

}  // namespace trine
