// Philox4x32-10 (engine/philox.h), eight blocks at a time: each counter word has a 64-bit lane, so
// that a product's halves are a shift and a mask away.
#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

typedef std::uint64_t Words __attribute__((vector_size(64)));

constexpr int kBlocks = 8;
constexpr std::int64_t kDraws = 4 * kBlocks;
constexpr std::uint64_t kLow = 0xFFFFFFFFu;

// Draws of blocks first .. first + 7, in element order.
inline void draw_blocks(float* out, std::uint32_t key0, std::uint32_t key1, std::uint32_t id,
                        std::uint32_t step, std::uint64_t first) {
  const Words block = Words{0, 1, 2, 3, 4, 5, 6, 7} + first;
  Words c0 = block & kLow, c1 = block >> 32, c2 = id - Words{}, c3 = step - Words{};
  for (int round = 0; round < 10; ++round) {
    const Words p0 = (c0 & kLow) * std::uint64_t{0xD2511F53u};
    const Words p1 = (c2 & kLow) * std::uint64_t{0xCD9E8D57u};
    c0 = (p1 >> 32) ^ c1 ^ std::uint64_t{key0};
    c1 = p1 & kLow;
    c2 = (p0 >> 32) ^ c3 ^ std::uint64_t{key1};
    c3 = p0 & kLow;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int b = 0; b < kBlocks; ++b) {
    const std::uint64_t words[4] = {c0[b], c1[b], c2[b], c3[b]};
    for (int w = 0; w < 4; ++w)
      out[4 * b + w] = static_cast<float>(static_cast<std::int32_t>(words[w] >> 8)) * (1.0f / 16777216.0f);
  }
}

}  // namespace

void uniform(float* out, std::uint64_t seed, std::uint32_t id, std::uint32_t step,
             std::uint64_t first, std::int64_t n) {
  const std::uint32_t key0 = static_cast<std::uint32_t>(seed);
  const std::uint32_t key1 = static_cast<std::uint32_t>(seed >> 32);
  std::uint64_t block = first / 4;
  std::int64_t skip = static_cast<std::int64_t>(first % 4);
  while (n > 0) {
    if (skip == 0 && n >= kDraws) {
      draw_blocks(out, key0, key1, id, step, block);
      out += kDraws;
      n -= kDraws;
    } else {
      float draws[kDraws];
      draw_blocks(draws, key0, key1, id, step, block);
      const std::int64_t take = n < kDraws - skip ? n : kDraws - skip;
      for (std::int64_t i = 0; i < take; ++i) out[i] = draws[skip + i];
      out += take;
      n -= take;
      skip = 0;
    }
    block += kBlocks;
  }
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
