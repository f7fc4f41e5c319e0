// Which ranges of which buffers a launch reads and writes. Kernels see at most kSources ranges to
// read and kTargets to write; ranges are as exact as that allows, so that a wave's launches overlap
// as little as can be and synchronization validation sees what is true.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backends/vulkan/pipelines.h"
#include "engine/plan.h"

namespace trine::vulkan {

// A buffer of the plan as the device has it.
struct BoundBuffer {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::int64_t offset = 0;  // byte at which the plan's buffer begins
};

struct Range {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::int64_t first = 0, last = 0;  // bytes [first, last)

  bool overlaps(const Range& other) const {
    return buffer == other.buffer && first < other.last && other.first < last;
  }
};

struct RangeLimits {
  std::int64_t alignment;  // of a range's first byte
  std::int64_t longest;    // bytes
};

class Bindings {
 public:
  // The ranges of all operands of `members`; nothing if they need more or longer ranges than there
  // may be, in which case fewer members at a time may do.
  static std::optional<Bindings> fit(std::span<const Member> members,
                                     std::span<const BoundBuffer> buffers,
                                     const RangeLimits& limits);

  const std::vector<Range>& sources() const { return sources_; }
  const std::vector<Range>& targets() const { return targets_; }

  // An operand as kernels address it.
  struct Address {
    std::uint32_t slot = 0, offset = 0;  // words from the range's begin
  };
  Address source(const Operand& operand) const { return address(sources_, operand); }
  Address target(const Operand& operand) const { return address(targets_, operand); }

 private:
  explicit Bindings(std::span<const BoundBuffer> buffers)
      : buffers_(buffers.begin(), buffers.end()) {}
  Range range_of(const Operand& operand) const;
  Address address(const std::vector<Range>& ranges, const Operand& operand) const;

  std::vector<BoundBuffer> buffers_;
  std::vector<Range> sources_, targets_;
};

}  // namespace trine::vulkan
