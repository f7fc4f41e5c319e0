#include "backends/vulkan/memory.h"

#include <algorithm>

#include "backends/out_of_memory.h"

namespace trine::vulkan {
namespace {

// Where a buffer would go.
struct Place {
  std::uint32_t type, heap;
  bool mapped;
  std::int64_t most;  // bytes of one allocation there
};

Place find_place(const Device& device, const VkMemoryRequirements& needs, Home home) {
  const PhysicalDevice& physical = device.physical();
  const Device::MemoryChoice choice = device.choose_memory(needs.memoryTypeBits, home);
  const std::uint32_t heap = physical.memory.memoryTypes[choice.type].heapIndex;
  const std::uint64_t most = std::min(physical.memory.memoryHeaps[heap].size,
                                      physical.memory_limits.maxMemoryAllocationSize);
  return {choice.type, heap, choice.mapped, static_cast<std::int64_t>(most)};
}

double mebibytes(std::int64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

[[noreturn]] void fail_out_of_memory(const Device& device, std::int64_t wanted, std::int64_t most,
                                     std::int64_t held, const char* what) {
  throw OutOfMemory(
      fmt::format(
          "vulkan: {} needs {:.1f} MiB; {} has {:.1f} MiB for it, of which this program "
          "holds {:.1f} MiB and others may hold some: ask for less or choose another device",
          what, mebibytes(wanted), device.physical().properties.deviceName, mebibytes(most),
          mebibytes(held)),
      wanted, std::max<std::int64_t>(most - held, 0));
}

}  // namespace

Memory::Memory(Device& device, std::int64_t bytes, Home home, const char* what) : bytes_(bytes) {
  const DeviceApi& api = device.api();
  const VkBufferCreateInfo info{.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                .size = static_cast<VkDeviceSize>(std::max<std::int64_t>(bytes, 4)),
                                .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                         VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                         VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                .sharingMode = VK_SHARING_MODE_EXCLUSIVE};
  // A buffer that no allocation can back must not even be created.
  const auto largest =
      static_cast<std::int64_t>(device.physical().memory_limits.maxMemoryAllocationSize);
  if (bytes > largest) fail_out_of_memory(device, bytes, largest, 0, what);
  VkBuffer buffer;
  check(api.vkCreateBuffer(device.handle(), &info, nullptr, &buffer), "creating a buffer");
  Owned<VkBuffer> owned(device.handle(), buffer, api.vkDestroyBuffer);

  VkMemoryRequirements needs;
  api.vkGetBufferMemoryRequirements(device.handle(), buffer, &needs);
  const Place place = find_place(device, needs, home);
  std::atomic<std::int64_t>& held = device.held_bytes(place.heap);
  const auto size = static_cast<std::int64_t>(needs.size);
  if (size > place.most) fail_out_of_memory(device, bytes, place.most, held, what);
  const VkMemoryAllocateInfo allocation{.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                        .allocationSize = needs.size,
                                        .memoryTypeIndex = place.type};
  VkDeviceMemory memory;
  const VkResult result = api.vkAllocateMemory(device.handle(), &allocation, nullptr, &memory);
  if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY)
    fail_out_of_memory(device, bytes, place.most, held, what);
  check(result, "allocating memory");
  memory_ = Owned<VkDeviceMemory>(device.handle(), memory, api.vkFreeMemory);
  buffer_ = std::move(owned);
  held += size;
  held_ = HeldBytes(&held, ReleaseBytes{size});
  check(api.vkBindBufferMemory(device.handle(), buffer, memory, 0), "binding memory");
  if (!place.mapped) return;
  void* address = nullptr;
  check(api.vkMapMemory(device.handle(), memory, 0, VK_WHOLE_SIZE, 0, &address), "mapping memory");
  mapped_ = static_cast<std::byte*>(address);
}

}  // namespace trine::vulkan
