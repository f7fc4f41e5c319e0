// Philox4x32-10 (engine/philox.h) on sixteen blocks at a time. A counter word has a 64-bit lane, so
// that the halves of a product are a shift and a mask away; two sets of eight run side by side to
// hide the latency of the rounds.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "backends/cpu/kernels/lanes.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

typedef std::uint64_t Words __attribute__((vector_size(64)));
typedef std::uint32_t HalfWords __attribute__((vector_size(32)));
typedef std::uint32_t LaneWords __attribute__((vector_size(64)));

// Word w of sixteen blocks.
struct PhiloxLanes {
  LaneWords word[4];
};

struct PhiloxKey {
  std::uint32_t low, high, id, step;
};

// The low halves of sixteen words.
inline LaneWords narrow(Words a, Words b) {
#if defined(__AVX512F__)
  const HalfWords low = __builtin_convertvector(a, HalfWords);
  const HalfWords high = __builtin_convertvector(b, HalfWords);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  HalfWords half[4], even[2];  // lanes.h says why not at once
  __builtin_memcpy(half, &a, sizeof(a));
  __builtin_memcpy(half + 2, &b, sizeof(b));
  for (int i = 0; i < 2; ++i)
    even[i] = __builtin_shufflevector(half[2 * i], half[2 * i + 1], 0, 2, 4, 6, 8, 10, 12, 14);
  LaneWords words;
  __builtin_memcpy(&words, even, sizeof(words));
  return words;
#endif
}

// What a register holds of Words, and its product with a constant below 2^32. Its lanes are below
// 2^32 too, which the compiler does not know: it would multiply 64 bits by 64, in many steps.
#if defined(__AVX512F__)
typedef Words Register;
inline Register times(Register x, std::uint64_t factor) {
  return (Register)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64((std::int64_t)factor));
}
#elif defined(__AVX2__)
typedef std::uint64_t Register __attribute__((vector_size(32)));
inline Register times(Register x, std::uint64_t factor) {
  return (Register)_mm256_mul_epu32((__m256i)x, _mm256_set1_epi64x((std::int64_t)factor));
}
#elif defined(__SSE2__)
typedef std::uint64_t Register __attribute__((vector_size(16)));
inline Register times(Register x, std::uint64_t factor) {
  return (Register)_mm_mul_epu32((__m128i)x, _mm_set1_epi64x((std::int64_t)factor));
}
#else
typedef std::uint64_t Register __attribute__((vector_size(16)));
inline Register times(Register x, std::uint64_t factor) { return x * factor; }
#endif

// Two registers of blocks, whose numbers are x[0] and y[0] on entry.
inline void philox_rounds(const PhiloxKey& key, Register x[4], Register y[4]) {
  constexpr std::uint64_t kLow = 0xFFFFFFFFu, kA = 0xD2511F53u, kB = 0xCD9E8D57u;
  std::uint64_t key0 = key.low, key1 = key.high;
  Register a0 = x[0] & kLow, a1 = x[0] >> 32, a2 = key.id - Register{}, a3 = key.step - Register{};
  Register b0 = y[0] & kLow, b1 = y[0] >> 32, b2 = a2, b3 = a3;
  for (int round = 0; round < 10; ++round) {
    const Register pa = times(a0, kA), qa = times(a2, kB), pb = times(b0, kA), qb = times(b2, kB);
    a0 = (qa >> 32) ^ a1 ^ key0;
    b0 = (qb >> 32) ^ b1 ^ key0;
    a1 = qa & kLow;
    b1 = qb & kLow;
    a2 = (pa >> 32) ^ a3 ^ key1;
    b2 = (pb >> 32) ^ b3 ^ key1;
    a3 = pa & kLow;
    b3 = pb & kLow;
    key0 = (key0 + 0x9E3779B9u) & kLow;
    key1 = (key1 + 0xBB67AE85u) & kLow;
  }
  x[0] = a0, x[1] = a1, x[2] = a2, x[3] = a3;
  y[0] = b0, y[1] = b1, y[2] = b2, y[3] = b3;
}

// `block`: numbers of the blocks of lanes 0 to 7 and 8 to 15.
inline PhiloxLanes philox_lanes(const PhiloxKey& key, Words block0, Words block1) {
  constexpr int kParts = sizeof(Words) / sizeof(Register);
  Register low[kParts], high[kParts];
  __builtin_memcpy(low, &block0, sizeof(block0));
  __builtin_memcpy(high, &block1, sizeof(block1));
  Register first[4][kParts], second[4][kParts];
  for (int part = 0; part < kParts; ++part) {
    Register x[4] = {low[part]}, y[4] = {high[part]};
    philox_rounds(key, x, y);
    for (int w = 0; w < 4; ++w) {
      first[w][part] = x[w];
      second[w][part] = y[w];
    }
  }
  PhiloxLanes lanes;
  for (int w = 0; w < 4; ++w) {
    Words a, b;
    __builtin_memcpy(&a, first[w], sizeof(a));
    __builtin_memcpy(&b, second[w], sizeof(b));
    lanes.word[w] = narrow(a, b);
  }
  return lanes;
}

inline Lanes to_uniform(LaneWords bits) {
  return __builtin_convertvector((LaneInts)(bits >> 8), Lanes) * (1.0f / 16777216.0f);
}

// Words in the order of their elements: blocks 4q .. 4q + 3 of quarter q.
template <int q>
inline LaneWords in_order(const PhiloxLanes& p) {
#if defined(__AVX512F__)
  constexpr int a = 4 * q, b = 16 + 4 * q;
  const LaneWords even = __builtin_shufflevector(p.word[0], p.word[1], a, b, 0, 0, a + 1, b + 1, 0,
                                                 0, a + 2, b + 2, 0, 0, a + 3, b + 3, 0, 0);
  const LaneWords odd = __builtin_shufflevector(p.word[2], p.word[3], 0, 0, a, b, 0, 0, a + 1,
                                                b + 1, 0, 0, a + 2, b + 2, 0, 0, a + 3, b + 3);
  return __builtin_shufflevector(even, odd, 0, 1, 18, 19, 4, 5, 22, 23, 8, 9, 26, 27, 12, 13, 30,
                                 31);
#else
  typedef std::uint32_t Four __attribute__((vector_size(16)));
  Four w[4], block[4];
  for (int i = 0; i < 4; ++i)
    __builtin_memcpy(&w[i], reinterpret_cast<const Four*>(&p.word[i]) + q, sizeof(Four));
  const Four low01 = __builtin_shufflevector(w[0], w[1], 0, 4, 1, 5);
  const Four low23 = __builtin_shufflevector(w[2], w[3], 0, 4, 1, 5);
  const Four high01 = __builtin_shufflevector(w[0], w[1], 2, 6, 3, 7);
  const Four high23 = __builtin_shufflevector(w[2], w[3], 2, 6, 3, 7);
  block[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  block[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  block[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  block[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  LaneWords words;
  __builtin_memcpy(&words, block, sizeof(words));
  return words;
#endif
}

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
