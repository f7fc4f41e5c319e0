// CUDA's own names for kernels that compile as plain C++: index variables, barriers, shuffles,
// shared memory and math. Threads of a block are fibers of one host thread
// (cuda/emulation/block.h), so shared memory is memory of that host thread. This shows that kernels
// compute the right thing; it shows neither races nor speed.
#pragma once

#include <bit>
#include <cmath>

// Contents are left over from earlier blocks, as they are on a GPU.
#define __shared__ static thread_local

namespace trine::emulation {

// A line of a kernel: threads that meet there must have come to the same one.
struct Place {
  const char* file = nullptr;
  int line = 0;
  bool operator==(const Place&) const = default;
};

// Waits for the block; true if `vote` is that of any of its threads.
bool block_barrier(Place place, bool vote = false);
// Hands `bits` to the other lanes of this thread's warp and returns those of lane `from`; all lanes
// must come along.
unsigned exchange_in_warp(unsigned bits, int from, Place place);

}  // namespace trine::emulation

namespace trine::cuda {

struct Index {
  unsigned x = 0;
};
inline thread_local constinit Index threadIdx;
inline thread_local constinit Index blockIdx;

using std::abs, std::cos, std::erf, std::exp, std::expm1, std::floor, std::log, std::pow, std::sin,
    std::sqrt, std::tanh;

template <class T>
inline T __ldg(const T* from) {
  return *from;
}
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>((static_cast<unsigned long long>(x) * y) >> 32);
}
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }

// Default arguments are evaluated where the call stands, so these see the kernel's line.
inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  emulation::block_barrier({file, line});
}
inline bool __syncthreads_or(bool vote, const char* file = __builtin_FILE(),
                             int line = __builtin_LINE()) {
  return emulation::block_barrier({file, line}, vote);
}
inline float __shfl_sync(unsigned, float value, int from, const char* file = __builtin_FILE(),
                         int line = __builtin_LINE()) {
  return __uint_as_float(emulation::exchange_in_warp(__float_as_uint(value), from, {file, line}));
}
inline float __shfl_xor_sync(unsigned lanes, float value, int distance,
                             const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return __shfl_sync(lanes, value, static_cast<int>(threadIdx.x % 32) ^ distance, file, line);
}

}  // namespace trine::cuda
