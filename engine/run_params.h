// What changes from step to step. It reaches the kernels through one small buffer that each run
// uploads; nothing of it is ever baked into a recording.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace trine {

struct RunParams {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;  // counts from 1 where an optimizer reads it (bias correction)
  float learning_rate = 0.0f;
};

// The buffer's layout in 32-bit words; GPU kernels read it by these indices.
enum class StepWord : int { seed_low, seed_high, step, step_as_float, learning_rate, count = 8 };

using RunWords = std::array<std::uint32_t, static_cast<std::size_t>(StepWord::count)>;

inline RunWords to_words(const RunParams& params) {
  return {static_cast<std::uint32_t>(params.seed), static_cast<std::uint32_t>(params.seed >> 32),
          params.step, std::bit_cast<std::uint32_t>(static_cast<float>(params.step)),
          std::bit_cast<std::uint32_t>(params.learning_rate)};
}

}  // namespace trine
