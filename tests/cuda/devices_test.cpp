// How CUDA devices are listed and opened where there is none.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/registry.h"
#include "engine/error.h"

namespace trine {
namespace {

BackendListing cuda_listing() {
  for (const BackendListing& listing : list_devices())
    if (listing.kind == "cuda") return listing;
  return {};
}

TEST(CudaDevices, ListingNamesDevicesOrTheReasonForTheirAbsence) {
  const BackendListing listing = cuda_listing();
  EXPECT_EQ(listing.kind, "cuda");
  EXPECT_EQ(listing.devices.empty(), !listing.reason.empty());
}

TEST(CudaDevices, OpeningWithoutADeviceSaysWhy) {
  const BackendListing listing = cuda_listing();
  if (!listing.devices.empty()) GTEST_SKIP() << "this machine has " << listing.devices[0].name;
  try {
    open_device("cuda");
    FAIL() << "a device was opened that is not listed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(listing.reason));
  }
}

TEST(CudaDevices, EmulationIsHiddenAndSaysWhatItIs) {
  for (const BackendListing& listing : list_devices()) EXPECT_NE(listing.kind, "cuda-emulated");
  const DeviceInfo info = open_device("cuda-emulated")->info();
  EXPECT_EQ(info.type, "emulation");
  EXPECT_THAT(info.driver, testing::HasSubstr("not races or speed"));
}

}  // namespace
}  // namespace trine
