#include "dmd/checkpoint/finite.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace dmd {

std::string not_finite(const trine::nn::ParameterStore& store, std::span<const float> arena) {
  std::string first;
  float value = 0;
  int parameters = 0;
  for (const trine::nn::Parameter& parameter : store.parameters()) {
    const auto values = arena.subspan(static_cast<std::size_t>(parameter.offset),
                                      static_cast<std::size_t>(parameter.size()));
    const auto bad = std::ranges::find_if_not(values, [](float x) { return std::isfinite(x); });
    if (bad == values.end()) continue;
    if (parameters++ == 0) {
      first = parameter.name;
      value = *bad;
    }
  }
  if (parameters == 0) return "";
  const std::string others =
      parameters > 1 ? fmt::format(" and {} more hold", parameters - 1) : std::string(" holds");
  return fmt::format("'{}'{} values that are not finite, the first {}", first, others, value);
}

}  // namespace dmd
