// Which device a name means, and what is said where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "backends/vulkan/requirements.h"
#include "engine/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/vulkan/child.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

using testing::HasSubstr;
using vulkan::choose_device;
using vulkan::PhysicalDevice;

// What Vulkan promises of every device, and what the kernels need beyond.
PhysicalDevice device(const char* name, VkPhysicalDeviceType type) {
  PhysicalDevice made;
  made.properties.apiVersion = VK_MAKE_API_VERSION(0, 1, 3, 230);
  VkPhysicalDeviceLimits& limits = made.properties.limits;
  limits.maxPerStageDescriptorStorageBuffers = 16;
  limits.maxDescriptorSetStorageBuffers = 24;
  limits.maxComputeWorkGroupInvocations = 256;
  limits.maxComputeWorkGroupSize[0] = 256;
  limits.maxComputeSharedMemorySize = 16384;
  limits.maxStorageBufferRange = 1u << 27;
  made.features.shaderStorageBufferArrayDynamicIndexing = VK_TRUE;
  std::strncpy(made.properties.deviceName, name, sizeof(made.properties.deviceName) - 1);
  made.properties.deviceType = type;
  return made;
}

const std::vector<PhysicalDevice> kDevices = {
    device("llvmpipe (LLVM 15)", VK_PHYSICAL_DEVICE_TYPE_CPU),
    device("Intel Arc Graphics", VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU),
    device("AMD Radeon RX 7900", VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU)};

TEST(VulkanDevices, NoSelectorPrefersDiscreteThenIntegratedThenTheProcessor) {
  EXPECT_EQ(choose_device(kDevices, ""), 2u);
  EXPECT_EQ(choose_device({kDevices[0], kDevices[1]}, ""), 1u);
  EXPECT_EQ(choose_device({kDevices[0]}, ""), 0u);
}

TEST(VulkanDevices, AreChosenByIndexOrPartOfTheName) {
  EXPECT_EQ(choose_device(kDevices, "1"), 1u);
  EXPECT_EQ(choose_device(kDevices, "radeon"), 2u);
  EXPECT_EQ(choose_device(kDevices, "LLVM"), 0u);
}

TEST(VulkanDevices, AnUnknownSelectorListsWhatThereIs) {
  for (const char* selector : {"3", "geforce"}) {
    try {
      choose_device(kDevices, selector);
      FAIL() << selector;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(selector));
      EXPECT_THAT(error.what(), HasSubstr("vulkan:2 is AMD Radeon RX 7900"));
    }
  }
}

// ---- what a device must have ----

const PhysicalDevice kLeast = device("Bifrost", VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU);

// The sentence on a device that has less than kLeast in one place.
std::string why_without(const std::function<void(PhysicalDevice&)>& take) {
  PhysicalDevice less = kLeast;
  take(less);
  return vulkan::why_unusable(less);
}

TEST(VulkanRequirements, HoldForADeviceWithNoMoreThanIsNeeded) {
  EXPECT_EQ(vulkan::why_unusable(kLeast), "");
}

TEST(VulkanRequirements, NameTheLimitWithWhatThereIsAndWhatIsNeeded) {
  EXPECT_EQ(why_without([](PhysicalDevice& d) {
              d.properties.limits.maxPerStageDescriptorStorageBuffers = 4;
            }),
            "vulkan: Bifrost has 4 storage buffers in a kernel "
            "(maxPerStageDescriptorStorageBuffers), and 16 are needed; update its driver, or "
            "choose another device");
  const std::pair<const char*, std::function<void(PhysicalDevice&)>> lacks[] = {
      {"has 15 storage buffers in a set (maxDescriptorSetStorageBuffers), and 16 are needed",
       [](PhysicalDevice& d) { d.properties.limits.maxDescriptorSetStorageBuffers = 15; }},
      {"has 128 invocations in a work group (maxComputeWorkGroupInvocations), and 256 are needed",
       [](PhysicalDevice& d) { d.properties.limits.maxComputeWorkGroupInvocations = 128; }},
      {"has 128 invocations of a work group in a row (maxComputeWorkGroupSize[0]), and 256",
       [](PhysicalDevice& d) { d.properties.limits.maxComputeWorkGroupSize[0] = 128; }},
      {"has 8192 bytes of shared memory (maxComputeSharedMemorySize), and 16384 are needed",
       [](PhysicalDevice& d) { d.properties.limits.maxComputeSharedMemorySize = 8192; }},
      {"has 65536 bytes in the range of a buffer (maxStorageBufferRange), and 134217728 are needed",
       [](PhysicalDevice& d) { d.properties.limits.maxStorageBufferRange = 65536; }},
      {"cannot choose among buffers in a kernel (shaderStorageBufferArrayDynamicIndexing)",
       [](PhysicalDevice& d) { d.features.shaderStorageBufferArrayDynamicIndexing = VK_FALSE; }},
      {"has Vulkan 1.1.131, and 1.2 is needed",
       [](PhysicalDevice& d) { d.properties.apiVersion = VK_MAKE_API_VERSION(0, 1, 1, 131); }}};
  for (const auto& [sentence, take] : lacks) EXPECT_THAT(why_without(take), HasSubstr(sentence));
}

TEST(VulkanRequirements, KeepDevicesThatCannotBeUsedOutOfTheListAndInTheReport) {
  PhysicalDevice old = kDevices[1];
  old.properties.apiVersion = VK_API_VERSION_1_1;
  std::vector<std::string> unusable;
  const auto listed = vulkan::usable({kDevices[0], old, kDevices[2]}, unusable);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_STREQ(listed[1].properties.deviceName, "AMD Radeon RX 7900");
  EXPECT_THAT(unusable,
              testing::ElementsAre(HasSubstr("Intel Arc Graphics has Vulkan 1.1.0, and 1.2")));
}

TEST(VulkanRequirements, AreCheckedWhenADeviceIsOpened) {
  TRINE_NEEDS_VULKAN();
  PhysicalDevice less = OwnDevice::first();
  less.properties.limits.maxPerStageDescriptorStorageBuffers = 8;
  EXPECT_THAT(error_of([&] { OwnDevice{less}; }), HasSubstr("has 8 storage buffers in a kernel"));
}

TEST(VulkanDevices, OneThatCannotBeUsedSaysWhyWhenItIsNamed) {
  EXPECT_THAT(error_of([] { choose_device(kDevices, "bifrost", {"vulkan: Bifrost has little"}); }),
              HasSubstr("vulkan:2 is AMD Radeon RX 7900; vulkan: Bifrost has little"));
}

TEST(VulkanDevices, AreListedWithTheirLimits) {
  TRINE_NEEDS_VULKAN();
  const auto listings = list_devices();
  for (const BackendListing& listing : listings) {
    if (listing.kind != "vulkan") continue;
    ASSERT_FALSE(listing.devices.empty());
    EXPECT_EQ(listing.devices[0].id, "vulkan:0");
    EXPECT_FALSE(listing.devices[0].name.empty());
    EXPECT_FALSE(listing.devices[0].driver.empty());
    EXPECT_GT(listing.devices[0].memory_bytes, 0);
    EXPECT_GE(listing.devices[0].details.size(), 5u);
  }
}

TEST(VulkanChild, DISABLED_SaysWhyThereIsNone) {
  const std::string why = why_no_vulkan();
  EXPECT_FALSE(why.empty());
  std::printf("reason: %s\n", why.c_str());
  EXPECT_THROW(open_device("vulkan"), Error);
}

// An unreadable file where the linker looks first stands for a machine without a loader.
TEST(VulkanDevices, WithoutALoaderTheReasonNamesIt) {
  const TemporaryFolder folder;
  for (const char* name : {"libvulkan.so.1", "libvulkan.so"}) write_contents(folder / name, "none");
  const ChildResult result =
      run_child("VulkanChild.DISABLED_SaysWhyThereIsNone", {{"LD_LIBRARY_PATH", folder.path()}});
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("reason: vulkan: there is no Vulkan loader"));
}

TEST(VulkanDevices, WithoutADriverTheReasonSaysWhatToInstall) {
  const ChildResult result =
      run_child("VulkanChild.DISABLED_SaysWhyThereIsNone",
                {{"VK_DRIVER_FILES", "/nonexistent"}, {"VK_ICD_FILENAMES", "/nonexistent"}});
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("driver"));
}

}  // namespace
}  // namespace trine
