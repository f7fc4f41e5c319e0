#include "tests/cuda_driver/driver/streams.h"

#include "tests/cuda_driver/driver/entry.h"

namespace trine::stand_in {
namespace {

bool anything_queued() {
  bool queued = false;
  world().streams.for_each([&](const Stream& stream) { queued |= !stream.queue.empty(); });
  return queued;
}

}  // namespace

CUresult enqueue(CUstream handle, Work work) {
  // Null, the default stream, is as good as unknown: it does not wait for streams that do not
  // block, and there are only such here.
  Stream* stream = world().streams.find(handle, current_context());
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  stream->queue.push_back(std::move(work));
  return CUDA_SUCCESS;
}

CUresult drain(Stream& stream) {
  Context& context = *world().contexts.find(stream.context);
  while (!stream.queue.empty() && context.broken == CUDA_SUCCESS) {
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    context.broken = work();
  }
  stream.queue.clear();
  if (!anything_queued()) world().memory.forget_freed();
  return context.broken;
}

CUresult drain_all(CUcontext context) {
  CUresult result = CUDA_SUCCESS;
  world().streams.for_each([&](Stream& stream) {
    if (stream.context != context) return;
    if (const CUresult own = drain(stream); own != CUDA_SUCCESS) result = own;
  });
  return result;
}

}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuStreamCreate(CUstream* stream, unsigned flags) {
  return in_context("cuStreamCreate", [&](Context&) {
    // Blocking streams wait for the default stream, which is not to be had here.
    if (!stream || flags != CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
    *stream = world().streams.add({current_context(), {}});
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuStreamDestroy(CUstream handle) {
  return destroying("cuStreamDestroy", [&](Context&) {
    Stream* stream = world().streams.find(handle, current_context());
    if (!stream) return CUDA_ERROR_INVALID_HANDLE;
    drain(*stream);
    world().streams.erase(handle);
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuStreamSynchronize(CUstream handle) {
  return in_context("cuStreamSynchronize", [&](Context&) {
    Stream* stream = world().streams.find(handle, current_context());
    return stream ? drain(*stream) : CUDA_ERROR_INVALID_HANDLE;
  });
}
