// Uniform draws for consecutive elements.
#include "backends/cpu/kernels/philox_lanes.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

constexpr std::int64_t kDraws = 4 * kLanes;

// Draws of blocks first .. first + 15, in element order.
inline void draw_blocks(float* out, const PhiloxKey& key, std::uint64_t first) {
  const Words block = Words{0, 1, 2, 3, 4, 5, 6, 7} + first;
  const PhiloxLanes p = philox_lanes(key, block, block + 8);
  store(out, to_uniform(in_order<0>(p)));
  store(out + kLanes, to_uniform(in_order<1>(p)));
  store(out + 2 * kLanes, to_uniform(in_order<2>(p)));
  store(out + 3 * kLanes, to_uniform(in_order<3>(p)));
}

}  // namespace

void uniform(float* out, std::uint64_t seed, std::uint32_t id, std::uint32_t step,
             std::uint64_t first, std::int64_t n) {
  const PhiloxKey key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), id,
                      step};
  std::uint64_t block = first / 4;
  std::int64_t skip = static_cast<std::int64_t>(first % 4);
  for (; n > 0; block += kLanes) {
    if (skip == 0 && n >= kDraws) {
      draw_blocks(out, key, block);
      out += kDraws;
      n -= kDraws;
      continue;
    }
    float draws[kDraws];
    draw_blocks(draws, key, block);
    const std::int64_t take = n < kDraws - skip ? n : kDraws - skip;
    for (std::int64_t i = 0; i < take; ++i) out[i] = draws[skip + i];
    out += take;
    n -= take;
    skip = 0;
  }
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
