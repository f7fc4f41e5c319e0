// Memory: taking and freeing it, and the copies and fills of streams.
#include <cstring>
#include <vector>

#include "tests/cuda_driver/driver/entry.h"
#include "tests/cuda_driver/driver/streams.h"

namespace trine::stand_in {
namespace {

// Queues work on a range that is looked at twice: when the call is made and when its turn comes.
CUresult enqueue_on(CUdeviceptr to, std::size_t bytes, int device, CUstream stream, Work work) {
  auto whole = [=] { return world().memory.holds(to, bytes, device); };
  if (bytes == 0 || !whole()) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(stream, [=, work = std::move(work)] {
    return whole() ? work() : CUDA_ERROR_ILLEGAL_ADDRESS;
  });
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuMemAlloc(CUdeviceptr* memory, std::size_t bytes) {
  return in_context("cuMemAlloc", [&](Context& context) {
    if (!memory || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    const auto address = world().memory.allocate(bytes, context.device);
    if (!address) return CUDA_ERROR_OUT_OF_MEMORY;
    *memory = *address;
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuMemFree(CUdeviceptr memory) {
  return destroying("cuMemFree", [&](Context& context) {
    if (!world().memory.holds(memory, 1, context.device)) return CUDA_ERROR_INVALID_VALUE;
    return world().memory.release(memory) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult CUDAAPI cuMemGetInfo(std::size_t* free, std::size_t* total) {
  return in_context("cuMemGetInfo", [&](Context& context) {
    if (!free || !total) return CUDA_ERROR_INVALID_VALUE;
    *free = world().memory.free(context.device);
    *total = world().memory.total();
    return CUDA_SUCCESS;
  });
}

// Pageable memory is staged at the call and lands when its turn comes.
CUresult CUDAAPI cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes,
                                   CUstream stream) {
  return in_context("cuMemcpyHtoDAsync", [&](Context& context) {
    if (!from) return CUDA_ERROR_INVALID_VALUE;
    const auto* begin = static_cast<const unsigned char*>(from);
    if (!world().memory.holds(to, bytes, context.device)) return CUDA_ERROR_INVALID_VALUE;
    return enqueue_on(to, bytes, context.device, stream,
                      [to, staged = std::vector<unsigned char>(begin, begin + bytes)] {
                        std::memcpy(reinterpret_cast<void*>(to), staged.data(), staged.size());
                        return CUDA_SUCCESS;
                      });
  });
}

// To pageable memory the call returns when the copy is there.
CUresult CUDAAPI cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return in_context("cuMemcpyDtoHAsync", [&](Context& context) {
    if (!to) return CUDA_ERROR_INVALID_VALUE;
    const CUresult result = enqueue_on(from, bytes, context.device, stream, [=] {
      std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
      return CUDA_SUCCESS;
    });
    return result == CUDA_SUCCESS ? drain(*world().streams.find(stream)) : result;
  });
}

CUresult CUDAAPI cuMemsetD32Async(CUdeviceptr to, unsigned word, std::size_t words,
                                  CUstream stream) {
  return in_context("cuMemsetD32Async", [&](Context& context) {
    if (to % 4 != 0) return CUDA_ERROR_INVALID_VALUE;
    return enqueue_on(to, words * 4, context.device, stream, [=] {
      std::fill_n(reinterpret_cast<unsigned*>(to), words, word);
      return CUDA_SUCCESS;
    });
  });
}

CUresult CUDAAPI cuMemsetD8Async(CUdeviceptr to, unsigned char byte, std::size_t bytes,
                                 CUstream stream) {
  return in_context("cuMemsetD8Async", [&](Context& context) {
    return enqueue_on(to, bytes, context.device, stream, [=] {
      std::memset(reinterpret_cast<void*>(to), byte, bytes);
      return CUDA_SUCCESS;
    });
  });
}
