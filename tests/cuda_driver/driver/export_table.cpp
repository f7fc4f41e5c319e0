// Functions that NVIDIA's own libraries ask the driver for. NVRTC does so as soon as a libcuda.so.1
// is loaded, and takes for granted that a table comes back; its first word is its size in bytes,
// and one that holds nothing else is answer enough.
#include "tests/cuda_driver/driver/entry.h"

using namespace trine::stand_in;

CUresult CUDAAPI cuGetExportTable(const void** table, const CUuuid* id) {
  return always("cuGetExportTable", [&] {
    static constexpr std::size_t kEmpty[] = {sizeof(std::size_t)};
    if (!table || !id) return CUDA_ERROR_INVALID_VALUE;
    *table = kEmpty;
    return CUDA_SUCCESS;
  });
}
