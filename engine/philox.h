// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy
// as 1, 2, 3" (SC 2011). A draw is a pure function of (seed, op id, step, element), so every
// backend makes the same mask and the backward pass makes it again instead of storing it.
#pragma once

#include <array>
#include <cstdint>

namespace trine {

using PhiloxBlock = std::array<std::uint32_t, 4>;

inline PhiloxBlock philox4x32(PhiloxBlock counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0,
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1,
               static_cast<std::uint32_t>(product0)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

// The four draws that cover elements 4 * block to 4 * block + 3 of the tensor drawn by `op_id`.
inline PhiloxBlock random_block(std::uint64_t seed, std::uint32_t op_id, std::uint32_t step,
                                std::uint64_t block) {
  return philox4x32(
      {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), op_id, step},
      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
}

// Top 24 bits as a float in [0, 1): exact on every backend.
inline float to_uniform(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * (1.0f / 16777216.0f);
}

inline float random_uniform(std::uint64_t seed, std::uint32_t op_id, std::uint32_t step,
                            std::uint64_t element) {
  return to_uniform(random_block(seed, op_id, step, element / 4)[element % 4]);
}

}  // namespace trine
