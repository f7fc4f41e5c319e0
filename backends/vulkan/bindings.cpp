#include "backends/vulkan/bindings.h"

#include <algorithm>
#include <limits>

#include "engine/layout.h"

namespace trine::vulkan {
namespace {

// Joins ranges that touch, then those with the smallest gap between them until `most` remain.
// Ranges are left sorted; false if more buffers than that take part.
bool merge(std::vector<Range>& ranges, std::size_t most) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return std::pair(a.buffer, a.first) < std::pair(b.buffer, b.first);
  });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    const bool touches = !merged.empty() && merged.back().buffer == range.buffer &&
                         range.first <= merged.back().last;
    if (touches)
      merged.back().last = std::max(merged.back().last, range.last);
    else
      merged.push_back(range);
  }
  while (merged.size() > most) {
    std::size_t best = 0;
    std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 1; i < merged.size(); ++i) {
      const std::int64_t gap = merged[i].first - merged[i - 1].last;
      if (merged[i].buffer != merged[i - 1].buffer || gap >= smallest) continue;
      smallest = gap;
      best = i;
    }
    if (best == 0) return false;
    merged[best - 1].last = merged[best].last;
    merged.erase(merged.begin() + static_cast<std::ptrdiff_t>(best));
  }
  ranges = std::move(merged);
  return true;
}

bool within(const std::vector<Range>& ranges, std::int64_t longest) {
  return std::all_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return r.last - r.first <= longest; });
}

}  // namespace

std::optional<Bindings> Bindings::fit(std::span<const Member> members,
                                      std::span<const BoundBuffer> buffers,
                                      const RangeLimits& limits) {
  Bindings bindings(buffers);
  auto add = [&](std::vector<Range>& ranges, const Operand& operand) {
    Range range = bindings.range_of(operand);
    if (range.first == range.last) return;
    range.first = range.first / limits.alignment * limits.alignment;
    ranges.push_back(range);
  };
  for (const Member& member : members) {
    for (const Operand& input : member.inputs) add(bindings.sources_, input);
    for (const Operand& output : member.outputs) add(bindings.targets_, output);
  }
  const bool fits = merge(bindings.sources_, kSources) && merge(bindings.targets_, kTargets) &&
                    within(bindings.sources_, limits.longest) &&
                    within(bindings.targets_, limits.longest);
  if (!fits) return std::nullopt;
  return bindings;
}

Range Bindings::range_of(const Operand& operand) const {
  const BoundBuffer& bound = buffers_[static_cast<std::size_t>(operand.buffer)];
  const std::int64_t size = size_of(operand.type.dtype);
  const std::int64_t first = bound.offset + operand.offset * size;
  return {bound.buffer, first, first + extent_of(operand.type.shape, operand.strides) * size};
}

Bindings::Address Bindings::address(const std::vector<Range>& ranges,
                                    const Operand& operand) const {
  const Range wanted = range_of(operand);
  for (std::size_t slot = 0; slot < ranges.size(); ++slot) {
    const Range& range = ranges[slot];
    if (range.buffer == wanted.buffer && range.first <= wanted.first && wanted.last <= range.last)
      return {static_cast<std::uint32_t>(slot),
              static_cast<std::uint32_t>((wanted.first - range.first) / 4)};
  }
  return {};  // an operand without elements, which no kernel touches
}

}  // namespace trine::vulkan
