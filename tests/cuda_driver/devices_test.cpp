// Which device a name means, and what is said where there is none. The driver is opened once a
// process, so that what concerns its start is asked of dmd.
#include <cuda.h>

#include "tests/cli/program.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine {
namespace {

using cli_test::Result;
using testing::HasSubstr;

class CudaGpuDevices : public stand_in::Test {};

constexpr const char* kDriver = TRINE_BINARY_DIR "/cuda_driver";

TEST_F(CudaGpuDevices, AreChosenByIndexOrPartOfTheName) {
  stand_in::show_devices("9.0,7.5");
  auto id = [](const char* name) { return open_device(name)->info().id; };
  EXPECT_EQ(id("cuda"), "cuda:0");
  EXPECT_EQ(id("cuda:1"), "cuda:1");
  EXPECT_EQ(id("cuda:capability 7.5"), "cuda:1");
  EXPECT_EQ(id("cuda:STAND-IN"), "cuda:0");
}

TEST_F(CudaGpuDevices, UnknownOnesAreAnsweredWithThoseThereAre) {
  stand_in::show_devices("9.0,7.5");
  EXPECT_EQ(error_of([] { open_device("cuda:2"); }),
            "there is no device 'cuda:2'; choose one of cuda:0 (Stand-in for a GPU of compute "
            "capability 9.0, emulated on the host), cuda:1 (Stand-in for a GPU of compute "
            "capability 7.5, emulated on the host)");
}

TEST_F(CudaGpuDevices, SayWhatTheyAre) {
  const DeviceInfo info = open_device("cuda")->info();
  EXPECT_EQ(info.name, "Stand-in for a GPU of compute capability 9.0, emulated on the host");
  EXPECT_EQ(info.type, "discrete gpu");
  EXPECT_EQ(info.memory_bytes, std::int64_t{16} << 30);
  EXPECT_THAT(info.details,
              testing::Contains(testing::Pair("fused expressions",
                                              "interpreted: switched off by TRINE_CUDA_NVRTC=0")));
}

TEST_F(CudaGpuDevices, NoneIsAReason) {
  stand_in::show_devices("");
  EXPECT_EQ(error_of([] { open_device("cuda"); }),
            "cuda: the driver shows no GPU; check CUDA_VISIBLE_DEVICES");
}

// The listing says so, and lists other backends all the same.
TEST_F(CudaGpuDevices, ThatCannotBeAskedAreNoneWithAReason) {
  stand_in::fail("cuDeviceGetName", 1, CUDA_ERROR_UNKNOWN);
  const std::vector<BackendListing> listings = list_devices();
  EXPECT_FALSE(listings.front().devices.empty());
  for (const BackendListing& listing : listings) {
    if (listing.kind != "cuda") continue;
    EXPECT_TRUE(listing.devices.empty());
    EXPECT_EQ(listing.reason,
              "cuda: reading the device's name failed: unknown error (CUDA_ERROR_UNKNOWN)");
  }
}

TEST_F(CudaGpuDevices, Tf32NeedsComputeCapability8) {
  stand_in::show_devices("9.0,7.5,8.0");
  open_device("cuda:0", {.precision = Precision::tf32});
  open_device("cuda:2", {.precision = Precision::tf32});
  EXPECT_EQ(error_of([] { open_device("cuda:1", {.precision = Precision::tf32}); }),
            "cuda: Stand-in for a GPU of compute capability 7.5, emulated on the host has no TF32, "
            "which came with compute capability 8.0; use precision f32");
}

// `dmd devices` with a driver from `folder` and settings of the stand-in.
Result list_devices_with(const std::string& folder, const std::string& settings) {
  return cli_test::Shell().run(
      fmt::format("LD_LIBRARY_PATH='{}' {} dmd devices", folder, settings));
}

TEST_F(CudaGpuDevices, AreListedByDmd) {
  const Result result = list_devices_with(kDriver, "TRINE_STAND_IN_DEVICES=9.0,7.5");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("cuda:1"));
  EXPECT_THAT(result.out, HasSubstr("cuda:1: compute capability 7.5"));
  EXPECT_THAT(result.out, HasSubstr("cuda:1: fused expressions interpreted: switched off by "
                                    "TRINE_CUDA_NVRTC=0"));
}

TEST_F(CudaGpuDevices, AStartThatFailsIsAReason) {
  const Result none = list_devices_with(kDriver, "TRINE_STAND_IN_FAULT=cuInit:1:100");
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_THAT(none.out, HasSubstr("cuda: the driver does not start: no CUDA-capable device is "
                                  "detected (CUDA_ERROR_NO_DEVICE); check CUDA_VISIBLE_DEVICES"));
}

TEST_F(CudaGpuDevices, AnOldDriverIsToldFromWhatItLacks) {
  const Result old = list_devices_with(TRINE_BINARY_DIR "/cuda_driver_old", "");
  EXPECT_EQ(old.status, 0) << old.err;
  EXPECT_THAT(old.out,
              HasSubstr(fmt::format("cuda: the driver has no cuGraphInstantiateWithFlags; update "
                                    "NVIDIA's driver to one for CUDA {}.{} or later",
                                    CUDA_VERSION / 1000, CUDA_VERSION % 1000 / 10)));
}

}  // namespace
}  // namespace trine
