// Kernels with one mistake each, instrumented like the real ones.
#include "cuda/entry.cuh"
#include "cuda/members.cuh"
#include "cuda/portable.cuh"

namespace trine::cuda {
namespace {

constexpr BlockShape kWarpBlock = {kWarp, 1};

// The table's first word holds the address of device memory.
TRINE_DEVICE float* memory_of(const LaunchArgs& args) {
  return *reinterpret_cast<float* const*>(args.table);
}

TRINE_DEVICE int self() {
  return static_cast<int>(blockIdx.x) * kWarp + static_cast<int>(threadIdx.x);
}

// Each thread leaves a value that its neighbour takes.
template <bool Before, bool After>
TRINE_DEVICE void hand_on(const LaunchArgs& args) {
  __shared__ float values[kWarp];
  const int thread = static_cast<int>(threadIdx.x);
  for (int round = 0; round < 2; ++round) {
    values[thread] = static_cast<float>(round);
    if (Before) __syncthreads();
    memory_of(args)[self()] = values[(thread + 1) % kWarp];
    if (After) __syncthreads();
  }
}

TRINE_DEVICE void read_stale(const LaunchArgs& args) {
  __shared__ float values[kWarp];
  if (blockIdx.x == 0) values[threadIdx.x] = 1.0f;
  __syncthreads();
  memory_of(args)[self()] = values[threadIdx.x];
}

TRINE_DEVICE void add_to_one(const LaunchArgs& args) { memory_of(args)[0] += 1.0f; }

TRINE_DEVICE void read_other_block(const LaunchArgs& args) {
  float* memory = memory_of(args);
  memory[self()] = 1.0f;
  __syncthreads();
  memory[self()] += memory[(self() + kWarp) % (2 * kWarp)];
}

TRINE_DEVICE void copy_beyond(const LaunchArgs& args) {
  float* memory = memory_of(args);
  memory[self()] = memory[self() + 2 * kWarp];
}

TRINE_DEVICE void write_parameter(const LaunchArgs& args) {
  const_cast<LaunchArgs&>(args).count = 1;
}

TRINE_DEVICE void copy_within(const LaunchArgs& args) {
  float* memory = memory_of(args);
  memory[2 * kWarp + self()] = memory[self()];
}

}  // namespace
}  // namespace trine::cuda

TRINE_PLAIN_KERNEL(faulty_nothing, kWarpBlock, hand_on<true, true>)
TRINE_PLAIN_KERNEL(faulty_no_barrier_before_read, kWarpBlock, hand_on<false, true>)
TRINE_PLAIN_KERNEL(faulty_no_barrier_after_read, kWarpBlock, hand_on<true, false>)
TRINE_PLAIN_KERNEL(faulty_read_stale, kWarpBlock, read_stale)
TRINE_PLAIN_KERNEL(faulty_add_to_one, kWarpBlock, add_to_one)
TRINE_PLAIN_KERNEL(faulty_read_other_block, kWarpBlock, read_other_block)
TRINE_PLAIN_KERNEL(faulty_copy_beyond, kWarpBlock, copy_beyond)
TRINE_PLAIN_KERNEL(faulty_write_parameter, kWarpBlock, write_parameter)
TRINE_PLAIN_KERNEL(faulty_copy_within, kWarpBlock, copy_within)
