// Values for tests: uniform in [-1, 1), another sequence for each id.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/philox.h"

namespace trine {

inline std::vector<float> draws(std::uint32_t id, std::int64_t n) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(2.0f * random_uniform(7, id, 0, static_cast<std::uint64_t>(i)) - 1.0f);
  return values;
}

}  // namespace trine
