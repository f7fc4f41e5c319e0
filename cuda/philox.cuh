// Philox4x32-10 on the device, bit for bit what engine/philox.h draws.
#pragma once

#include "cuda/portable.cuh"

namespace trine::cuda {

struct PhiloxBlock {
  unsigned word[4];
};

TRINE_DEVICE PhiloxBlock philox4x32(PhiloxBlock counter, unsigned key0, unsigned key1) {
  TRINE_UNROLL
  for (int round = 0; round < 10; ++round) {
    const unsigned high0 = __umulhi(0xD2511F53u, counter.word[0]);
    const unsigned low0 = 0xD2511F53u * counter.word[0];
    const unsigned high1 = __umulhi(0xCD9E8D57u, counter.word[2]);
    const unsigned low1 = 0xCD9E8D57u * counter.word[2];
    counter = {{high1 ^ counter.word[1] ^ key0, low1, high0 ^ counter.word[3] ^ key1, low0}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

// Draws of one op in one step. `step` holds the run's RunWords: seed (two words), step number.
class Draws {
 public:
  TRINE_DEVICE Draws(const unsigned* step, unsigned id)
      : seed_low_(step[0]), seed_high_(step[1]), step_(step[2]), id_(id) {}

  // Uniform in [0, 1). Neighbouring elements share a block of four, which is kept.
  TRINE_DEVICE float uniform(unsigned long long element) {
    const unsigned long long group = element / 4;
    if (!drawn_ || group != group_) {
      block_ = philox4x32(
          {{static_cast<unsigned>(group), static_cast<unsigned>(group >> 32), id_, step_}},
          seed_low_, seed_high_);
      group_ = group;
      drawn_ = true;
    }
    const int lane = static_cast<int>(element % 4);
    const unsigned bits = lane < 2 ? (lane == 0 ? block_.word[0] : block_.word[1])
                                   : (lane == 2 ? block_.word[2] : block_.word[3]);
    return static_cast<float>(bits >> 8) * (1.0f / 16777216.0f);
  }

 private:
  unsigned seed_low_, seed_high_, step_, id_;
  bool drawn_ = false;
  unsigned long long group_ = 0;
  PhiloxBlock block_ = {};
};

}  // namespace trine::cuda
