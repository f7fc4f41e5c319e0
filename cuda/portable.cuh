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

namespace trine::cuda {

TRINE_DEVICE int max(int x, int y) { return x > y ? x : y; }
TRINE_DEVICE int min(int x, int y) { return x < y ? x : y; }

// NaN where either operand is; CUDA's own drop it. GPUs from compute capability 8.0 on have an
// instruction for each.
TRINE_DEVICE float max(float x, float y) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  float larger;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(larger) : "f"(x), "f"(y));
  return larger;
#else
  return x > y || x != x ? x : y;
#endif
}
TRINE_DEVICE float min(float x, float y) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  float smaller;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(smaller) : "f"(x), "f"(y));
  return smaller;
#else
  return x < y || x != x ? x : y;
#endif
}

// A record of the table in registers. No kernel writes the table, and only loads that say so may be
// shared across stores and moved out of loops.
template <class Record>
TRINE_DEVICE Record read_only(const Record* from) {
  static_assert(alignof(Record) % 16 == 0, "records are read sixteen bytes at a time");
#if defined(__CUDACC__)
  Record record;
  TRINE_UNROLL
  for (unsigned i = 0; i < sizeof(Record) / 16; ++i)
    reinterpret_cast<uint4*>(&record)[i] = __ldg(reinterpret_cast<const uint4*>(from) + i);
  return record;
#else
  return *from;
#endif
}

// The same address, which the compiler takes for another: what is read from it is not read before
// this call, so it costs no registers up to here.
template <class T>
TRINE_DEVICE const T* not_before(const T* address) {
#if defined(__CUDACC__)
  asm volatile("" : "+l"(address));
#endif
  return address;
}

// Four neighbouring words at once; `from` is aligned to sixteen bytes.
TRINE_DEVICE void load_four(float* to, const float* from) {
  struct alignas(16) Four {
    float at[4];
  };
  const Four four = *reinterpret_cast<const Four*>(from);
  TRINE_UNROLL
  for (int i = 0; i < 4; ++i) to[i] = four.at[i];
}

}  // namespace trine::cuda
