#include "tests/cuda_driver/driver/launches.h"

#include <cstdio>
#include <cstring>

#include "cuda/emulation/block.h"
#include "engine/error.h"
#include "tests/cuda_driver/driver/entry.h"
#include "tests/cuda_driver/driver/streams.h"

namespace trine::stand_in {
namespace {

constexpr unsigned kMostBlocks = 0x7FFFFFFFu;

// One-dimensional, as every launch of Trine is.
bool is_line(const unsigned (&extents)[3], unsigned most) {
  return extents[0] > 0 && extents[0] <= most && extents[1] == 1 && extents[2] == 1;
}

bool in_memory(const void* address, int device) {
  return world().memory.holds(reinterpret_cast<CUdeviceptr>(address), 1, device);
}

}  // namespace

CUresult accept(const LaunchRequest& request, Launch& launch) {
  const Function* function = world().functions.find(request.function, current_context());
  if (!function) return CUDA_ERROR_INVALID_HANDLE;
  // Kernels state their number of threads as a bound, and a launch with others is a mistake.
  if (!is_line(request.grid, kMostBlocks) || !is_line(request.block, 1024) ||
      request.block[0] != static_cast<unsigned>(function->kernel->threads) ||
      request.shared_bytes != 0 || request.extra || !request.arguments || !request.arguments[0])
    return CUDA_ERROR_INVALID_VALUE;
  launch.function = request.function;
  launch.blocks = request.grid[0];
  std::memcpy(&launch.args, request.arguments[0], sizeof(launch.args));
  return CUDA_SUCCESS;
}

CUresult run(const Launch& launch) {
  const Function* function = world().functions.find(launch.function);
  if (!function) return CUDA_ERROR_ILLEGAL_ADDRESS;  // its module's code is gone
  const int device = world().contexts.find(function->context)->device;
  if (!in_memory(launch.args.table, device) || !in_memory(launch.args.step, device))
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  const emulation::Kernel& kernel = *function->kernel;
  try {
    emulation::run_blocks(launch.blocks, kernel.threads, [&] { kernel.run(launch.args); });
  } catch (const Error& error) {
    std::fprintf(stderr, "stand-in: %s\n", error.what());
    return CUDA_ERROR_LAUNCH_FAILED;
  }
  return CUDA_SUCCESS;
}

}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y,
                                unsigned grid_z, unsigned block_x, unsigned block_y,
                                unsigned block_z, unsigned shared_bytes, CUstream stream,
                                void** arguments, void** extra) {
  return in_context("cuLaunchKernel", [&](Context&) {
    Launch launch{};
    const CUresult result = accept({function,
                                    {grid_x, grid_y, grid_z},
                                    {block_x, block_y, block_z},
                                    shared_bytes,
                                    arguments,
                                    extra},
                                   launch);
    return result == CUDA_SUCCESS ? enqueue(stream, [launch] { return run(launch); }) : result;
  });
}
