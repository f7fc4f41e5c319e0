// The driver fails on demand, at each of its entry points: users read a sentence, and nothing is
// left behind.
#include <cuda.h>

#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "tests/cuda/examples.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CudaFailures : public stand_in::Test {};

// Everything that a program does with a device.
void use_a_device() {
  Graph graph;
  cuda::kReduction.capture(graph);
  Session session(open_device("cuda"));
  session.create_state("weights", 10);
  Executable program = session.compile(graph, "failing", {});
  program.feed("x", std::vector<float>(9 * 700, 2.0f));
  program.run({});
  EXPECT_EQ(program.fetch("y").size(), 9u);
  EXPECT_FALSE(program.profile({}).empty());
}

// The first call of an entry point, what it returns, and what is read then.
struct Failure {
  const char* entry;
  CUresult result;
  const char* sentence;
};

constexpr Failure kFailures[] = {
    {"cuDeviceGetCount", CUDA_ERROR_UNKNOWN,
     "cuda: counting devices failed: unknown error (CUDA_ERROR_UNKNOWN)"},
    {"cuDevicePrimaryCtxRetain", CUDA_ERROR_OUT_OF_MEMORY,
     "cuda: making the context failed: out of memory (CUDA_ERROR_OUT_OF_MEMORY); use a smaller "
     "batch or a GPU with more memory"},
    {"cuModuleLoadData", CUDA_ERROR_NO_BINARY_FOR_GPU,
     "cuda: loading kernels failed: no kernel image is available for execution on the device "
     "(CUDA_ERROR_NO_BINARY_FOR_GPU); build with CMAKE_CUDA_ARCHITECTURES set for this GPU"},
    {"cuModuleLoadData", CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
     "cuda: loading kernels failed: the provided PTX was compiled with an unsupported toolchain. "
     "(CUDA_ERROR_UNSUPPORTED_PTX_VERSION); update NVIDIA's driver"},
    {"cuGraphInstantiate", CUDA_ERROR_OUT_OF_MEMORY,
     "cuda: instantiating a graph failed: out of memory (CUDA_ERROR_OUT_OF_MEMORY); use a smaller "
     "batch or a GPU with more memory"},
    {"cuMemcpyDtoHAsync", CUDA_ERROR_ILLEGAL_ADDRESS,
     "cuda: copying from the GPU failed: an illegal memory access was encountered "
     "(CUDA_ERROR_ILLEGAL_ADDRESS)"},
    {"cuStreamSynchronize", CUDA_ERROR_LAUNCH_FAILED,
     "cuda: waiting for the GPU failed: unspecified launch failure (CUDA_ERROR_LAUNCH_FAILED)"},
};

TEST_F(CudaFailures, SayWhatFailedWhyAndWhatToDo) {
  for (const Failure& failure : kFailures) {
    stand_in::fail(failure.entry, 1, failure.result);
    EXPECT_EQ(error_of(use_a_device), failure.sentence);
    EXPECT_EQ(stand_in::left_over(), "") << failure.entry;
  }
}

// Not those that destroy: what they fail to, they leave behind by their nature.
constexpr const char* kEntryPoints[] = {
    "cuDeviceGetCount",     "cuDeviceGet",        "cuDeviceGetName",
    "cuDeviceGetAttribute", "cuDeviceTotalMem",   "cuDriverGetVersion",
    "cuMemAlloc",           "cuCtxSetCurrent",    "cuMemcpyHtoDAsync",
    "cuMemcpyDtoHAsync",    "cuMemsetD8Async",    "cuStreamCreate",
    "cuStreamSynchronize",  "cuModuleLoadData",   "cuModuleGetFunction",
    "cuGraphCreate",        "cuGraphInstantiate", "cuGraphAddKernelNode",
    "cuGraphLaunch",        "cuLaunchKernel",     "cuEventCreate",
    "cuEventRecord",        "cuEventElapsedTime", "cuDevicePrimaryCtxRetain"};

// Whether the program noticed that this call failed.
bool fails_with(const char* entry, int call) {
  stand_in::reset();
  stand_in::fail(entry, call, CUDA_ERROR_UNKNOWN);
  try {
    use_a_device();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), StartsWith("cuda: ")) << entry;
    EXPECT_THAT(error.what(), HasSubstr("unknown error (CUDA_ERROR_UNKNOWN)")) << entry;
    return true;
  }
  return false;
}

TEST_F(CudaFailures, AtAnyCallLeaveNothingBehind) {
  constexpr int kCalls = 40;
  for (const char* entry : kEntryPoints) {
    EXPECT_TRUE(fails_with(entry, 1)) << entry;
    EXPECT_EQ(stand_in::left_over(), "") << entry;
    for (int call = 2; call <= kCalls; ++call) {
      fails_with(entry, call);
      EXPECT_EQ(stand_in::left_over(), "") << entry << ", call " << call;
    }
  }
}

// Behind a failure of its work a context is of no use; a new one is.
TEST_F(CudaFailures, OfAKernelEndTheSessionAndNotTheProgram) {
  stand_in::fail("cuGraphLaunch", 1, CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_THAT(error_of(use_a_device), HasSubstr("launching a program failed: an illegal memory"));
  use_a_device();
}

}  // namespace
}  // namespace trine
