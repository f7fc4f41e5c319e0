// Copies between the host and a device, through the staging ring and past it.
#include <gtest/gtest.h>

#include <algorithm>

#include "backends/vulkan/staging.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

using vulkan::Home;
using vulkan::Memory;
using vulkan::StagingRing;

constexpr int kSegments = 3;
constexpr std::int64_t kSegmentBytes = 4096;

// Around one segment and around the whole ring, on either side.
constexpr std::int64_t kSizes[] = {0,    1,     3,        4,     4095,  4096,
                                   4097, 12287, 3 * 4096, 12289, 16384, 10 * 4096 + 7};

std::vector<std::byte> some_bytes(std::int64_t n, int seed) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>((i * 31 + i / 251 + static_cast<std::size_t>(seed)) % 253);
  return bytes;
}

TEST(StagingRing, BringsBackWhatItTookThere) {
  TRINE_NEEDS_VULKAN();
  OwnDevice own;
  StagingRing ring(own.open.device, kSegments, kSegmentBytes);
  Memory memory(own.open.device, 1 << 16, Home::device, "a test");
  for (const std::int64_t size : kSizes) {
    const std::int64_t offset = size % 13;
    const std::vector<std::byte> sent = some_bytes(size, static_cast<int>(size));
    ring.upload(memory, offset, sent);
    std::vector<std::byte> got(sent.size());
    ring.download(memory, offset, got);
    EXPECT_EQ(got, sent) << size << " bytes";
  }
}

TEST(StagingRing, WritesNothingBesideItsRange) {
  TRINE_NEEDS_VULKAN();
  OwnDevice own;
  StagingRing ring(own.open.device, kSegments, kSegmentBytes);
  Memory memory(own.open.device, 1 << 16, Home::device, "a test");
  std::vector<std::byte> expected = some_bytes(1 << 16, 1);
  ring.upload(memory, 0, expected);
  const std::vector<std::byte> middle = some_bytes(5 * 4096 + 1, 2);
  ring.upload(memory, 4099, middle);
  std::copy(middle.begin(), middle.end(), expected.begin() + 4099);
  std::vector<std::byte> got(expected.size());
  ring.download(memory, 0, got);
  EXPECT_EQ(got, expected);
}

TEST(StagingRing, KeepsSeveralSegmentsInFlight) {
  TRINE_NEEDS_VULKAN();
  OwnDevice own;
  StagingRing ring(own.open.device, kSegments, kSegmentBytes);
  Memory memory(own.open.device, 1 << 16, Home::device, "a test");
  int in_flight = 0, most = 0;
  intercept<&vulkan::DeviceApi::vkQueueSubmit>(own, [&](VkResult result) {
    most = std::max(most, ++in_flight);
    return result;
  });
  intercept<&vulkan::DeviceApi::vkWaitForFences>(own, [&](VkResult result) {
    --in_flight;
    return result;
  });
  std::vector<std::byte> bytes = some_bytes(10 * kSegmentBytes, 3);
  ring.upload(memory, 0, bytes);
  EXPECT_EQ(most, kSegments);
  EXPECT_EQ(in_flight, 0);
  most = 0;
  ring.download(memory, 0, bytes);
  EXPECT_EQ(most, kSegments);
  EXPECT_EQ(in_flight, 0);
}

// An arena larger than the ring.
TEST(DeviceCopies, AgreeStagedAndMapped) {
  TRINE_NEEDS_VULKAN();
  OwnDevice own;
  vulkan::Device& device = own.open.device;
  constexpr std::int64_t kBytes = (20 << 20) + 5;
  const std::vector<std::byte> sent = some_bytes(kBytes, 4);
  Memory memory(device, kBytes, Home::device, "a test");
  if (!memory.mapped()) GTEST_SKIP() << "the host does not share this device's memory";
  StagingRing ring(device, kSegments, 1 << 20);
  std::vector<std::byte> got(sent.size());
  device.upload(memory, 0, sent);
  ring.download(memory, 0, got);
  EXPECT_TRUE(got == sent) << "mapped there, staged back";
  ring.upload(memory, 1, std::span(sent).first(sent.size() - 1));
  device.download(memory, 0, got);
  EXPECT_EQ(got[0], sent[0]);
  EXPECT_TRUE(std::equal(got.begin() + 1, got.end(), sent.begin())) << "staged there, mapped back";
}

}  // namespace
}  // namespace trine
