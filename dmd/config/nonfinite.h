// What becomes of features that nothing can be computed with.
#pragma once

#include <cstdint>
#include <string_view>

namespace dmd {

// NaN, infinite, or absurdly large features: the file is refused, or zeros replace them.
enum class Nonfinite : std::uint8_t { refuse, zero };

constexpr std::string_view name_of(Nonfinite treatment) {
  return treatment == Nonfinite::zero ? "zero" : "refuse";
}

}  // namespace dmd
