// The driver's start, its devices and their primary contexts.
#include <cstdio>

#include "tests/cuda_driver/driver/entry.h"
#include "tests/cuda_driver/driver/streams.h"

namespace trine::stand_in {
namespace {

constexpr int kMultiprocessors = 4;

// Everything of a context goes with it. What should have been destroyed before is counted; behind a
// failure that broke the context nothing could be.
void reset(CUcontext handle) {
  World& w = world();
  Context& context = *w.contexts.find(handle);
  drain_all(handle);
  auto own = [&](const auto& object) { return object.context == handle; };
  const std::pair<const char*, std::size_t> counts[] = {
      {"streams", w.streams.erase_if(own)},
      {"modules", w.modules.erase_if(own)},
      {"graphs", w.graphs.erase_if(own)},
      {"executable graphs", w.execs.erase_if(own)},
      {"events", w.events.erase_if(own)},
      {"blocks of memory", w.memory.release_all(context.device)}};
  if (context.broken == CUDA_SUCCESS)
    for (const auto& [kind, count] : counts) w.abandoned[kind] += count;
  w.functions.erase_if(own);
  w.nodes.erase_if(own);
  w.contexts.erase(handle);
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuInit(unsigned flags) {
  return always("cuInit", [&] {
    if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
    world().initialised = true;
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDriverGetVersion(int* version) {
  return always("cuDriverGetVersion", [&] {
    if (!version) return CUDA_ERROR_INVALID_VALUE;
    *version = CUDA_VERSION;
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDeviceGetCount(int* count) {
  return initialised("cuDeviceGetCount", [&] {
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = static_cast<int>(world().devices.size());
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDeviceGet(CUdevice* device, int ordinal) {
  return of_device("cuDeviceGet", ordinal, [&](const Device&) {
    if (!device) return CUDA_ERROR_INVALID_VALUE;
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDeviceGetName(char* name, int length, CUdevice device) {
  return of_device("cuDeviceGetName", device, [&](const Device& d) {
    if (!name || length <= 0) return CUDA_ERROR_INVALID_VALUE;
    std::snprintf(name, static_cast<std::size_t>(length), "%s", d.name.c_str());
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDeviceTotalMem(std::size_t* bytes, CUdevice device) {
  return of_device("cuDeviceTotalMem", device, [&](const Device&) {
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    *bytes = world().memory.total();
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return of_device("cuDeviceGetAttribute", device, [&](const Device& d) {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    switch (attribute) {
      case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
        *value = d.capability / 10;
        return CUDA_SUCCESS;
      case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
        *value = d.capability % 10;
        return CUDA_SUCCESS;
      case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
        *value = kMultiprocessors;
        return CUDA_SUCCESS;
      case CU_DEVICE_ATTRIBUTE_INTEGRATED:
        *value = 0;
        return CUDA_SUCCESS;
      default:  // there are more, and nobody asks for them yet
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return of_device("cuDevicePrimaryCtxRetain", device, [&](Device& d) {
    if (!context) return CUDA_ERROR_INVALID_VALUE;
    if (!d.context) d.context = world().contexts.add({device, 0, CUDA_SUCCESS});
    ++world().contexts.find(d.context)->users;
    *context = d.context;
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxRelease(CUdevice device) {
  return of_device("cuDevicePrimaryCtxRelease", device, [&](Device& d) {
    if (!d.context) return CUDA_ERROR_INVALID_CONTEXT;
    if (--world().contexts.find(d.context)->users == 0) {
      reset(d.context);
      d.context = nullptr;
    }
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuCtxSetCurrent(CUcontext context) {
  return initialised("cuCtxSetCurrent", [&] {
    if (context && !world().contexts.find(context)) return CUDA_ERROR_INVALID_CONTEXT;
    current_context() = context;
    return CUDA_SUCCESS;
  });
}
