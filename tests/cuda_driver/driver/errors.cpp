// The names of results and their sentences.
#include <algorithm>
#include <iterator>

#include "tests/cuda_driver/driver/entry.h"

namespace trine::stand_in {
namespace {

struct Meaning {
  CUresult result;
  const char *name, *sentence;
};

#define TRINE_MEANING(name, sentence) \
  { name, #name, sentence }
constexpr Meaning kMeanings[] = {
    TRINE_MEANING(CUDA_SUCCESS, "no error"),
    TRINE_MEANING(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    TRINE_MEANING(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    TRINE_MEANING(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    TRINE_MEANING(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    TRINE_MEANING(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    TRINE_MEANING(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
    TRINE_MEANING(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    TRINE_MEANING(CUDA_ERROR_NO_BINARY_FOR_GPU,
                  "no kernel image is available for execution on the device"),
    TRINE_MEANING(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                  "the provided PTX was compiled with an unsupported toolchain."),
    TRINE_MEANING(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    TRINE_MEANING(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    TRINE_MEANING(CUDA_ERROR_NOT_READY, "device not ready"),
    TRINE_MEANING(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
    TRINE_MEANING(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
    TRINE_MEANING(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    TRINE_MEANING(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
                  "system has unsupported display driver / cuda driver combination"),
    TRINE_MEANING(CUDA_ERROR_UNKNOWN, "unknown error"),
};
#undef TRINE_MEANING

CUresult look_up(CUresult result, const char** text, const char* Meaning::*member) {
  if (!text) return CUDA_ERROR_INVALID_VALUE;
  const auto* at = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                [&](const Meaning& m) { return m.result == result; });
  const bool found = at != std::end(kMeanings);
  *text = found ? at->*member : nullptr;
  return found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuGetErrorName(CUresult result, const char** name) {
  return always("cuGetErrorName", [&] { return look_up(result, name, &Meaning::name); });
}

CUresult CUDAAPI cuGetErrorString(CUresult result, const char** sentence) {
  return always("cuGetErrorString", [&] { return look_up(result, sentence, &Meaning::sentence); });
}
