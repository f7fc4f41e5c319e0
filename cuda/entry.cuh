// TRINE_KERNEL(name, threads, template): makes a launchable kernel of a template over Prologue and
// Body, in each of the three ways of compiling. The last argument names those two types freely.
//   nvcc       two kernels, `name` without expressions and `name_interpreted`
//   NVRTC      a template `name<Prologue, Body>`; the generated program asks for one instance
//   emulation  an entry in the table of emulated kernels
// TRINE_PLAIN_KERNEL(name, threads, function): the same for a function that takes no expressions.
#pragma once

#include "cuda/members.cuh"

#if defined(__CUDACC_RTC__)

#define TRINE_KERNEL(name, threads, ...)                                                       \
  template <class Prologue, class Body>                                                        \
  __global__ void __launch_bounds__(trine::cuda::threads) name(trine::cuda::LaunchArgs args) { \
    using namespace trine::cuda;                                                               \
    trine::cuda::__VA_ARGS__(args);                                                            \
  }
#define TRINE_PLAIN_KERNEL(name, threads, ...)

#elif defined(__CUDACC__)

#include "cuda/interpreter.cuh"
#define TRINE_KERNEL_AS(name, threads, Kind, ...)                    \
  extern "C" __global__ void __launch_bounds__(trine::cuda::threads) \
      name(trine::cuda::LaunchArgs args) {                           \
    using namespace trine::cuda;                                     \
    using Prologue [[maybe_unused]] = Kind;                          \
    using Body [[maybe_unused]] = Kind;                              \
    trine::cuda::__VA_ARGS__(args);                                  \
  }
#define TRINE_KERNEL(name, threads, ...)                \
  TRINE_KERNEL_AS(name, threads, Identity, __VA_ARGS__) \
  TRINE_KERNEL_AS(name##_interpreted, threads, Interpreted, __VA_ARGS__)
#define TRINE_PLAIN_KERNEL(name, threads, ...) TRINE_KERNEL_AS(name, threads, Identity, __VA_ARGS__)

#else

#include "cuda/emulation/kernels.h"
#include "cuda/interpreter.cuh"
#define TRINE_KERNEL_AS(Kind, ...)          \
  [](const trine::cuda::LaunchArgs& args) { \
    using namespace trine::cuda;            \
    using Prologue [[maybe_unused]] = Kind; \
    using Body [[maybe_unused]] = Kind;     \
    trine::cuda::__VA_ARGS__(args);         \
  }
#define TRINE_KERNEL(name, threads, ...)                                    \
  static const trine::emulation::Registration kKernel_##name(               \
      #name, trine::cuda::threads, TRINE_KERNEL_AS(Identity, __VA_ARGS__)); \
  static const trine::emulation::Registration kKernel_##name##_interpreted( \
      #name "_interpreted", trine::cuda::threads, TRINE_KERNEL_AS(Interpreted, __VA_ARGS__));
#define TRINE_PLAIN_KERNEL(name, threads, ...)                \
  static const trine::emulation::Registration kKernel_##name( \
      #name, trine::cuda::threads, TRINE_KERNEL_AS(Identity, __VA_ARGS__));

#endif
