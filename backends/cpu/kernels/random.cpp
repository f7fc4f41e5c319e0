// Philox4x32-10 (engine/philox.h) over sixteen blocks at a time, so that rounds vectorize.
#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

constexpr int kBlocks = 16;

// Draws of blocks first .. first + 15, in element order.
void draw_blocks(float* out, std::uint32_t key0, std::uint32_t key1, std::uint32_t id,
                 std::uint32_t step, std::uint64_t first) {
  std::uint32_t c0[kBlocks], c1[kBlocks], c2[kBlocks], c3[kBlocks];
  for (int b = 0; b < kBlocks; ++b) {
    const std::uint64_t block = first + static_cast<std::uint64_t>(b);
    c0[b] = static_cast<std::uint32_t>(block);
    c1[b] = static_cast<std::uint32_t>(block >> 32);
    c2[b] = id;
    c3[b] = step;
  }
  for (int round = 0; round < 10; ++round) {
    for (int b = 0; b < kBlocks; ++b) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0[b];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2[b];
      c0[b] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[b] ^ key0;
      c1[b] = static_cast<std::uint32_t>(p1);
      c2[b] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[b] ^ key1;
      c3[b] = static_cast<std::uint32_t>(p0);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int b = 0; b < kBlocks; ++b) {
    out[4 * b + 0] = static_cast<float>(static_cast<std::int32_t>(c0[b] >> 8)) * (1.0f / 16777216.0f);
    out[4 * b + 1] = static_cast<float>(static_cast<std::int32_t>(c1[b] >> 8)) * (1.0f / 16777216.0f);
    out[4 * b + 2] = static_cast<float>(static_cast<std::int32_t>(c2[b] >> 8)) * (1.0f / 16777216.0f);
    out[4 * b + 3] = static_cast<float>(static_cast<std::int32_t>(c3[b] >> 8)) * (1.0f / 16777216.0f);
  }
}

}  // namespace

void uniform(float* out, std::uint64_t seed, std::uint32_t id, std::uint32_t step,
             std::uint64_t first, std::int64_t n) {
  constexpr std::int64_t kDraws = 4 * kBlocks;
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
