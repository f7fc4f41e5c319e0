// TRINE_KERNEL(name, shape, template): makes a launchable kernel of a template over Prologue and
// Body, whose blocks have a BlockShape, in each of the three ways of compiling. The last argument
// names those two types freely.
//   nvcc       two kernels, `name` without expressions and `name_interpreted`
//   NVRTC      a template `name<Prologue, Body>`; the generated program asks for one instance
//   emulation  an entry in the table of emulated kernels
// TRINE_PLAIN_KERNEL(name, shape, function): the same for a function that takes no expressions.
#pragma once

#include "cuda/members.cuh"

namespace trine::cuda {

// Threads of a block, and blocks that a multiprocessor should hold at once, which bounds the
// registers of a thread: a block at a barrier or waiting for memory leaves the others to compute.
struct BlockShape {
  int threads, at_once;
};
constexpr BlockShape kPlainBlock = {kThreads, 3};
constexpr BlockShape kProductBlock = {kThreads, 2};
constexpr BlockShape kNarrowHeadsBlock = {kAttentionThreads, 8};
constexpr BlockShape kWideHeadsBlock = {kAttentionThreads, 1};  // rows of heads fill registers

}  // namespace trine::cuda

#if defined(__CUDACC_RTC__)

#define TRINE_KERNEL(name, shape, ...)                                                      \
  template <class Prologue, class Body>                                                     \
  __global__ void __launch_bounds__(trine::cuda::shape.threads, trine::cuda::shape.at_once) \
      name(trine::cuda::LaunchArgs args) {                                                  \
    using namespace trine::cuda;                                                            \
    trine::cuda::__VA_ARGS__(args);                                                         \
  }
#define TRINE_PLAIN_KERNEL(name, shape, ...)

#elif defined(__CUDACC__)

#include "cuda/interpreter.cuh"
#define TRINE_KERNEL_AS(name, shape, Kind, ...)                                                    \
  extern "C" __global__ void __launch_bounds__(                                                    \
      trine::cuda::shape.threads, trine::cuda::shape.at_once) name(trine::cuda::LaunchArgs args) { \
    using namespace trine::cuda;                                                                   \
    using Prologue [[maybe_unused]] = Kind;                                                        \
    using Body [[maybe_unused]] = Kind;                                                            \
    trine::cuda::__VA_ARGS__(args);                                                                \
  }
#define TRINE_KERNEL(name, shape, ...)                \
  TRINE_KERNEL_AS(name, shape, Identity, __VA_ARGS__) \
  TRINE_KERNEL_AS(name##_interpreted, shape, Interpreted, __VA_ARGS__)
#define TRINE_PLAIN_KERNEL(name, shape, ...) TRINE_KERNEL_AS(name, shape, Identity, __VA_ARGS__)

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
#define TRINE_KERNEL(name, shape, ...)                                            \
  static const trine::emulation::Registration kKernel_##name(                     \
      #name, trine::cuda::shape.threads, TRINE_KERNEL_AS(Identity, __VA_ARGS__)); \
  static const trine::emulation::Registration kKernel_##name##_interpreted(       \
      #name "_interpreted", trine::cuda::shape.threads,                           \
      TRINE_KERNEL_AS(Interpreted, __VA_ARGS__));
#define TRINE_PLAIN_KERNEL(name, shape, ...)                  \
  static const trine::emulation::Registration kKernel_##name( \
      #name, trine::cuda::shape.threads, TRINE_KERNEL_AS(Identity, __VA_ARGS__));

#endif
