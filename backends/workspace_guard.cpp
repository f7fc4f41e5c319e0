#include "backends/workspace_guard.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {

void check_guard(std::span<const std::uint32_t> words, GuardSide side, const std::string& program) {
  const auto is_hit = [](std::uint32_t word) { return word != kGuardWord; };
  if (side == GuardSide::after) {
    const auto hit = std::ranges::find_if(words, is_hit);
    if (hit != words.end())
      fail("program '{}' wrote outside its workspace: {} bytes after it", program,
           (hit - words.begin()) * 4);
    return;
  }
  const auto hit = std::find_if(words.rbegin(), words.rend(), is_hit);
  if (hit != words.rend())
    fail("program '{}' wrote outside its workspace: {} bytes before it", program,
         (hit - words.rbegin() + 1) * 4);
}

}  // namespace trine
