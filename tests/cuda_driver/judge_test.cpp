// The stand-in for the driver judges: wrong calls get the results that CUDA documents, and what is
// missing between calls shows.
#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

#include <cuda.h>

#include "backends/cuda/gpu/driver.h"
#include "backends/cuda/gpu/embedded.h"
#include "backends/session.h"
#include "cuda/members.cuh"
#include "engine/ops/elementwise.h"
#include "tests/cuda/examples.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine {
namespace {

const cuda::Driver& driver() {
  std::string why;
  const cuda::Driver* found = cuda::find_driver(why);
  if (!found) throw std::runtime_error(why);
  return *found;
}

// A context and a stream of the first device; the test destroys what else it makes.
class CudaJudge : public stand_in::Test {
 protected:
  void SetUp() override {
    stand_in::Test::SetUp();
    ASSERT_EQ(driver().cuDevicePrimaryCtxRetain(&context_, 0), CUDA_SUCCESS);
    ASSERT_EQ(driver().cuCtxSetCurrent(context_), CUDA_SUCCESS);
    ASSERT_EQ(driver().cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    ASSERT_EQ(driver().cuMemAlloc(&memory_, kBytes), CUDA_SUCCESS);
  }
  void TearDown() override {
    driver().cuMemFree(memory_);
    driver().cuStreamDestroy(stream_);
    EXPECT_EQ(driver().cuDevicePrimaryCtxRelease(0), CUDA_SUCCESS);
    stand_in::Test::TearDown();
  }

  unsigned read(CUdeviceptr from) const {
    unsigned word = 0;
    EXPECT_EQ(driver().cuMemcpyDtoHAsync(&word, from, 4, stream_), CUDA_SUCCESS);
    return word;
  }

  static constexpr std::size_t kBytes = 1024;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  CUdeviceptr memory_ = 0;
};

TEST_F(CudaJudge, RefusesNullsZerosAndUnknownFlags) {
  const cuda::Driver& d = driver();
  CUdeviceptr memory = 0;
  CUstream stream = nullptr;
  CUgraph graph = nullptr;
  CUevent event = nullptr;
  EXPECT_EQ(d.cuInit(1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuMemAlloc(nullptr, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuMemAlloc(&memory, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuStreamCreate(&stream, 77), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuGraphCreate(&graph, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuEventCreate(&event, 0x100), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuMemsetD32Async(memory_ + 2, 0, 1, stream_), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(CudaJudge, KnowsWhichDevicesContextsAndHandlesAreLive) {
  const cuda::Driver& d = driver();
  CUdevice device = 0;
  EXPECT_EQ(d.cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(d.cuStreamSynchronize(nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(d.cuCtxSetCurrent(reinterpret_cast<CUcontext>(stream_)), CUDA_ERROR_INVALID_CONTEXT);
  CUevent event = nullptr;
  ASSERT_EQ(d.cuEventCreate(&event, CU_EVENT_DEFAULT), CUDA_SUCCESS);
  EXPECT_EQ(d.cuEventDestroy(event), CUDA_SUCCESS);
  EXPECT_EQ(d.cuEventDestroy(event), CUDA_ERROR_INVALID_HANDLE);
  CUgraphExec none = nullptr;
  EXPECT_EQ(d.cuGraphLaunch(none, stream_), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(CudaJudge, KeepsAContextForEachThread) {
  CUresult elsewhere = CUDA_SUCCESS;
  std::thread([&] { elsewhere = driver().cuStreamSynchronize(stream_); }).join();
  EXPECT_EQ(elsewhere, CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(CudaJudge, KeepsCopiesAndFillsInsideOneBlock) {
  const cuda::Driver& d = driver();
  const std::vector<char> bytes(kBytes + 1);
  EXPECT_EQ(d.cuMemcpyHtoDAsync(memory_, bytes.data(), kBytes, stream_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuMemcpyHtoDAsync(memory_, bytes.data(), kBytes + 1, stream_),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuMemsetD8Async(memory_ + kBytes - 1, 0, 2, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuMemFree(memory_ + 4), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(CudaJudge, FillsNewMemoryWithNaN) {
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(read(memory_))));
}

TEST_F(CudaJudge, KeepsWorkUntilSomebodyWaits) {
  const cuda::Driver& d = driver();
  unsigned word = 17;
  ASSERT_EQ(d.cuMemcpyHtoDAsync(memory_, &word, 4, stream_), CUDA_SUCCESS);
  word = 18;  // staged already
  EXPECT_NE(*reinterpret_cast<unsigned*>(memory_), 17u);
  ASSERT_EQ(d.cuStreamSynchronize(stream_), CUDA_SUCCESS);
  EXPECT_EQ(*reinterpret_cast<unsigned*>(memory_), 17u);
}

// And then the context is of no more use, as on a GPU.
TEST_F(CudaJudge, NoticesQueuedWorkOnFreedMemory) {
  const cuda::Driver& d = driver();
  ASSERT_EQ(d.cuMemsetD8Async(memory_, 1, kBytes, stream_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuMemFree(memory_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuMemFree(memory_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(d.cuStreamSynchronize(stream_), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(d.cuMemAlloc(&memory_, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(CudaJudge, TimesEventsThatStreamsHavePassed) {
  const cuda::Driver& d = driver();
  CUevent first = nullptr, second = nullptr;
  ASSERT_EQ(d.cuEventCreate(&first, CU_EVENT_DEFAULT), CUDA_SUCCESS);
  ASSERT_EQ(d.cuEventCreate(&second, CU_EVENT_DEFAULT), CUDA_SUCCESS);
  float milliseconds = -1;
  EXPECT_EQ(d.cuEventElapsedTime(&milliseconds, first, second), CUDA_ERROR_INVALID_HANDLE);
  for (const CUevent event : {first, second})
    ASSERT_EQ(d.cuEventRecord(event, stream_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuEventElapsedTime(&milliseconds, first, second), CUDA_ERROR_NOT_READY);
  ASSERT_EQ(d.cuStreamSynchronize(stream_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuEventElapsedTime(&milliseconds, first, second), CUDA_SUCCESS);
  EXPECT_GE(milliseconds, 0);
  for (const CUevent event : {first, second}) EXPECT_EQ(d.cuEventDestroy(event), CUDA_SUCCESS);
}

TEST_F(CudaJudge, RefusesImagesThatAreNone) {
  CUmodule module = nullptr;
  const char text[64] = "not a kernel";
  EXPECT_EQ(driver().cuModuleLoadData(&module, text), CUDA_ERROR_INVALID_IMAGE);
  unsigned char elf[64] = {0x7F, 'E', 'L', 'F'};
  EXPECT_EQ(driver().cuModuleLoadData(&module, elf), CUDA_ERROR_INVALID_IMAGE);
}

// A module of the fatbin that stands for cuda/reduce.cu.
class CudaJudgeOfKernels : public CudaJudge {
 protected:
  void SetUp() override {
    CudaJudge::SetUp();
    const cuda::Driver& d = driver();
    const auto files = cuda::embedded_fatbins();
    const auto file =
        std::find_if(files.begin(), files.end(), [](const auto& f) { return f.name == "reduce"; });
    ASSERT_EQ(d.cuModuleLoadData(&module_, file->content.data()), CUDA_SUCCESS);
    ASSERT_EQ(d.cuModuleGetFunction(&function_, module_, "reduce_sum"), CUDA_SUCCESS);
    ASSERT_EQ(d.cuGraphCreate(&graph_, 0), CUDA_SUCCESS);
  }
  void TearDown() override {
    driver().cuGraphDestroy(graph_);
    driver().cuModuleUnload(module_);
    CudaJudge::TearDown();
  }

  CUresult add(unsigned blocks, unsigned threads, std::vector<CUgraphNode> after = {}) {
    void* arguments[] = {&args_};
    CUDA_KERNEL_NODE_PARAMS params = {};
    params.func = function_;
    params.gridDimX = blocks;
    params.blockDimX = threads;
    params.gridDimY = params.gridDimZ = params.blockDimY = params.blockDimZ = 1;
    params.kernelParams = arguments;
    return driver().cuGraphAddKernelNode(&node_, graph_, after.data(), after.size(), &params);
  }

  cuda::LaunchArgs args_{};
  CUmodule module_ = nullptr;
  CUfunction function_ = nullptr;
  CUgraph graph_ = nullptr;
  CUgraphNode node_ = nullptr;
};

TEST_F(CudaJudgeOfKernels, FindsThoseThatTheMachineCodeHolds) {
  CUfunction function = nullptr;
  EXPECT_EQ(driver().cuModuleGetFunction(&function, module_, "softmax"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(driver().cuModuleGetFunction(&function, module_, "reduce"), CUDA_ERROR_NOT_FOUND);
}

TEST_F(CudaJudgeOfKernels, RefusesLaunchesOfOtherSizesAndEdgesToNowhere) {
  EXPECT_EQ(add(0, cuda::kThreads), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(add(0x80000000u, cuda::kThreads), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(add(1, cuda::kThreads / 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(add(1, cuda::kThreads, {nullptr}), CUDA_ERROR_INVALID_VALUE);
  ASSERT_EQ(add(1, cuda::kThreads), CUDA_SUCCESS);
  EXPECT_EQ(add(1, cuda::kThreads, {node_, node_}), CUDA_ERROR_INVALID_VALUE);
}

// Its argument, of zeros, names no table.
TEST_F(CudaJudgeOfKernels, NoticesAddressesOutsideOfMemory) {
  const cuda::Driver& d = driver();
  CUgraphExec exec = nullptr;
  ASSERT_EQ(add(1, cuda::kThreads), CUDA_SUCCESS);
  ASSERT_EQ(d.cuGraphInstantiate(&exec, graph_, 0), CUDA_SUCCESS);
  EXPECT_EQ(d.cuGraphLaunch(exec, stream_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuStreamSynchronize(stream_), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(CudaJudgeOfKernels, RefusesToLaunchWhatWasUnloaded) {
  const cuda::Driver& d = driver();
  CUgraphExec exec = nullptr;
  ASSERT_EQ(add(1, cuda::kThreads), CUDA_SUCCESS);
  ASSERT_EQ(d.cuGraphInstantiate(&exec, graph_, 0), CUDA_SUCCESS);
  ASSERT_EQ(d.cuModuleUnload(module_), CUDA_SUCCESS);
  EXPECT_EQ(d.cuGraphLaunch(exec, stream_), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(d.cuGraphExecDestroy(exec), CUDA_SUCCESS);
}

using CudaJudgeOfContexts = stand_in::Test;

TEST_F(CudaJudgeOfContexts, CountsWhatOneStillHoldsAtItsEnd) {
  const cuda::Driver& d = driver();
  CUcontext context = nullptr;
  CUevent event = nullptr;
  ASSERT_EQ(d.cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(d.cuCtxSetCurrent(context), CUDA_SUCCESS);
  ASSERT_EQ(d.cuEventCreate(&event, CU_EVENT_DEFAULT), CUDA_SUCCESS);
  ASSERT_EQ(d.cuDevicePrimaryCtxRelease(0), CUDA_SUCCESS);
  EXPECT_EQ(stand_in::left_over(), "1 events");
  EXPECT_EQ(d.cuEventDestroy(event), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_EQ(d.cuDevicePrimaryCtxRelease(0), CUDA_ERROR_INVALID_CONTEXT);
  stand_in::reset();
}

// No machine code and no PTX is that old.
TEST_F(CudaJudgeOfContexts, RefusesKernelsOfLaterGpus) {
  stand_in::show_devices("5.0");
  EXPECT_THAT(error_of([] {
                Graph graph;
                cuda::kReduction.capture(graph);
                Session session(open_device("cuda"));
                session.compile(graph, "too new");
              }),
              testing::HasSubstr("build with CMAKE_CUDA_ARCHITECTURES set for this GPU"));
}

}  // namespace
}  // namespace trine
