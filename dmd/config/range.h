// The numbers that a configuration key may hold.
#pragma once

#include <limits>
#include <string>

namespace dmd {

// No range holds infinities or NaN; one without limits says nothing in messages.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;

  bool contains(double value) const;
  std::string describe() const;  // " from 1 to 1000000", " above 0", ""
};

inline constexpr Range kAny{};
inline constexpr Range kSize{.low = 1, .high = 1'000'000};
inline constexpr Range kSizeOrZero{.low = 0, .high = 1'000'000};
// Of a dropout rate.
inline constexpr Range kRate{.low = 0, .high = 1, .high_excluded = true};
inline constexpr Range kNotNegative{.low = 0};
inline constexpr Range kPositive{.low = 0, .low_excluded = true};

}  // namespace dmd
