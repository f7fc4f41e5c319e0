// Events: the time at which a stream came to them.
#include "tests/cuda_driver/driver/entry.h"
#include "tests/cuda_driver/driver/streams.h"

using namespace trine::stand_in;

CUresult CUDAAPI cuEventCreate(CUevent* event, unsigned flags) {
  return in_context("cuEventCreate", [&](Context&) {
    constexpr unsigned kKnown = CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING;
    if (!event || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    *event = world().events.add({current_context(), (flags & CU_EVENT_DISABLE_TIMING) == 0, {}});
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuEventDestroy(CUevent event) {
  return destroying("cuEventDestroy", [&](Context&) {
    if (!world().events.find(event, current_context())) return CUDA_ERROR_INVALID_HANDLE;
    world().events.erase(event);
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuEventRecord(CUevent handle, CUstream stream) {
  return in_context("cuEventRecord", [&](Context&) {
    Event* event = world().events.find(handle, current_context());
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    const auto recorded = std::make_shared<Recorded>();
    const CUresult result = enqueue(stream, [recorded] {
      recorded->time = std::chrono::steady_clock::now();
      return CUDA_SUCCESS;
    });
    if (result == CUDA_SUCCESS) event->recorded = recorded;
    return result;
  });
}

CUresult CUDAAPI cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  return in_context("cuEventElapsedTime", [&](Context&) {
    const Event* a = world().events.find(start, current_context());
    const Event* b = world().events.find(end, current_context());
    if (!a || !b || !a->timed || !b->timed || !a->recorded || !b->recorded)
      return CUDA_ERROR_INVALID_HANDLE;
    if (!milliseconds) return CUDA_ERROR_INVALID_VALUE;
    if (!a->recorded->time || !b->recorded->time) return CUDA_ERROR_NOT_READY;
    *milliseconds =
        std::chrono::duration<float, std::milli>(*b->recorded->time - *a->recorded->time).count();
    return CUDA_SUCCESS;
  });
}
