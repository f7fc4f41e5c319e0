#include "backends/workspace_guard.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {

void check_guard(std::span<const std::uint32_t> words, GuardSide side, const std::string& program) {
  const auto hit = std::ranges::find_if(words, [](auto word) { return word != kGuardWord; });
  if (hit == words.end()) return;
  const auto at = (hit - words.begin()) * 4;
  const bool before = side == GuardSide::before;
  fail("program '{}' wrote outside its workspace: {} bytes {} it", program,
       before ? static_cast<std::int64_t>(words.size_bytes()) - at : at,
       before ? "before" : "after");
}

}  // namespace trine
