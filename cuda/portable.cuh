// The kernels' sources compile three ways: by nvcc, by NVRTC with a generated expression inserted,
// and as plain C++ on the emulation of this folder. What differs between them stands here.
#pragma once

#if defined(__CUDACC__)
#define TRINE_DEVICE __device__ __forceinline__
#define TRINE_DEVICE_CALL __device__ __noinline__  // where inlining would only swell the code
#define TRINE_UNROLL _Pragma("unroll")
#else
#include "cuda/emulation/builtins.h"
#define TRINE_DEVICE inline
#define TRINE_DEVICE_CALL inline
#define TRINE_UNROLL
#endif
