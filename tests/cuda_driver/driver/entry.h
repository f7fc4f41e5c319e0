// How entry points begin: under the lock, counted for faults on demand, in the right state. Each
// takes its name and a body that returns the result.
#pragma once

#include <new>

#include "tests/cuda_driver/driver/world.h"

namespace trine::stand_in {

// What a failure leaves behind no later call can mend.
inline bool breaks_context(CUresult result) {
  return result == CUDA_ERROR_ILLEGAL_ADDRESS || result == CUDA_ERROR_LAUNCH_FAILED;
}

// Before cuInit, too.
template <class Body>
CUresult always(const char* name, Body body) {
  const std::lock_guard lock(world().mutex);
  if (const CUresult fault = world().faults.count(name); fault != CUDA_SUCCESS) {
    Context* context = world().contexts.find(current_context());
    if (context && breaks_context(fault)) context->broken = fault;
    return fault;
  }
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (...) {
    return CUDA_ERROR_UNKNOWN;
  }
}

template <class Body>
CUresult initialised(const char* name, Body body) {
  return always(name, [&] { return world().initialised ? body() : CUDA_ERROR_NOT_INITIALIZED; });
}

// With a device that there is: body(device).
template <class Body>
CUresult of_device(const char* name, CUdevice device, Body body) {
  return initialised(name, [&] {
    const auto count = static_cast<CUdevice>(world().devices.size());
    if (device < 0 || device >= count) return CUDA_ERROR_INVALID_DEVICE;
    return body(world().devices[static_cast<std::size_t>(device)]);
  });
}

// To destroy things, which a broken context allows and yet complains of: body(context).
template <class Body>
CUresult destroying(const char* name, Body body) {
  return initialised(name, [&] {
    if (!current_context()) return CUDA_ERROR_INVALID_CONTEXT;
    Context* context = world().contexts.find(current_context());
    if (!context) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    const CUresult result = body(*context);
    return context->broken == CUDA_SUCCESS ? result : context->broken;
  });
}

// In the calling thread's context: body(context).
template <class Body>
CUresult in_context(const char* name, Body body) {
  return destroying(name, [&](Context& context) {
    return context.broken == CUDA_SUCCESS ? body(context) : context.broken;
  });
}

}  // namespace trine::stand_in
