// Guards at both ends of a workspace whose memory is checked (CompileOptions::check_memory): words
// that nothing may write, which every backend puts there before a run and looks at after it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace trine {

// Bytes of a guard, what its words hold, and what those of the workspace hold before a run.
inline constexpr std::int64_t kGuardBytes = 4096;
inline constexpr std::uint32_t kGuardWord = 0xDEADBEA7u;
inline constexpr std::uint32_t kPoisonWord = 0x7FC00000u;  // a NaN

enum class GuardSide { before, after };

// The words of a guard after a run. Throws Error, with the program and how far from the workspace
// the first word lies that was written.
void check_guard(std::span<const std::uint32_t> words, GuardSide side, const std::string& program);

}  // namespace trine
