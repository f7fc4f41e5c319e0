// Which device a name means, and what is said where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "backends/vulkan/instance.h"
#include "engine/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/vulkan/child.h"
#include "tests/vulkan/device_present.h"

namespace trine {
namespace {

using testing::HasSubstr;
using vulkan::choose_device;
using vulkan::PhysicalDevice;

PhysicalDevice device(const char* name, VkPhysicalDeviceType type) {
  PhysicalDevice made;
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
