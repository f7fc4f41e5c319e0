#include "dmd/config/range.h"

#include <cmath>

#include <fmt/format.h>

namespace dmd {

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  const bool above = low_excluded ? value > low : value >= low;
  const bool below = high_excluded ? value < high : value <= high;
  return above && below;
}

std::string Range::describe() const {
  if (std::isinf(low) && std::isinf(high)) return "";
  std::string from = fmt::format(" {} {}", low_excluded ? "above" : "from", low);
  if (std::isinf(high)) return from;
  return fmt::format("{} {} {}", from, high_excluded ? "to below" : "to", high);
}

}  // namespace dmd
