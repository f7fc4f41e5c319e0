// Skips a test where no Vulkan device is at hand.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "backends/registry.h"

namespace trine {

// Empty if there is a device; otherwise why not.
inline std::string why_no_vulkan() {
  for (const BackendListing& listing : list_devices())
    if (listing.kind == "vulkan") return listing.devices.empty() ? listing.reason : "";
  return "this build knows no backend named vulkan";
}

}  // namespace trine

#define TRINE_NEEDS_VULKAN() \
  if (const std::string why = trine::why_no_vulkan(); !why.empty()) GTEST_SKIP() << why
