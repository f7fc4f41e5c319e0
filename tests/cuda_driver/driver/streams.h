// Streams keep their work until somebody waits for it, so that a wait that is missing shows as a
// wrong result and not only now and then.
#pragma once

#include "tests/cuda_driver/driver/world.h"

namespace trine::stand_in {

// Adds work to a stream of the current context, once the arguments have been looked at.
CUresult enqueue(CUstream stream, Work work);

// Runs all that is queued. The first failure breaks the context and drops the rest.
CUresult drain(Stream& stream);

// The same for every stream of a context.
CUresult drain_all(CUcontext context);

}  // namespace trine::stand_in
