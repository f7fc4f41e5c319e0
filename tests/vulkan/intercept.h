// A device of the test's own, whose Vulkan functions it may count or let fail.
#pragma once

#include <functional>

#include "backends/vulkan/open_device.h"

namespace trine {

// Not one of the devices that open_device() shares.
struct OwnDevice {
  explicit OwnDevice(const vulkan::PhysicalDevice& physical = first()) : open(physical) {}

  static const vulkan::PhysicalDevice& first() { return vulkan::Instance::get().devices().front(); }
  std::unique_ptr<Backend> backend() { return vulkan::make_backend(0, open); }

  vulkan::OpenDevice open;
};

// What the caller of a function is to see in place of what it returned.
using Observer = std::function<VkResult(VkResult)>;

// The stand-in for one member of DeviceApi, on one device at a time.
template <auto Member, class... Args>
struct Interceptor {
  using Function = VkResult(VKAPI_PTR*)(Args...);
  static inline Function original = nullptr;
  static inline Observer observer;

  static VkResult VKAPI_CALL call(Args... args) { return observer(original(args...)); }
};

// intercept<&DeviceApi::vkQueueSubmit>(device, observer): the function runs as before, and the
// observer says what its caller sees.
template <auto Member, class... Args>
void intercept(OwnDevice& device, VkResult(VKAPI_PTR*)(Args...), Observer observer) {
  using Stand = Interceptor<Member, Args...>;
  auto& function = device.open.device.replaceable_api().*Member;
  Stand::original = function;
  Stand::observer = std::move(observer);
  function = Stand::call;
}

template <auto Member>
void intercept(OwnDevice& device, Observer observer) {
  intercept<Member>(device, device.open.device.api().*Member, std::move(observer));
}

}  // namespace trine
