// The emulation itself: barriers, shuffles, and what it says when threads do not meet.
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/emulation/block.h"
#include "cuda/emulation/builtins.h"
#include "engine/error.h"

namespace trine::emulation {
namespace {

using cuda::blockIdx, cuda::threadIdx;

TEST(Emulation, RunsEveryThreadOfEveryBlockOnce) {
  std::vector<int> visits(3 * 70);
  run_blocks(3, 70, [&] { ++visits[blockIdx.x * 70 + threadIdx.x]; });
  EXPECT_THAT(visits, testing::Each(1));
}

TEST(Emulation, BarriersSeparateWritesFromReads) {
  constexpr int kCount = 100;
  std::vector<int> shared(kCount), read(kCount);
  run_blocks(2, kCount, [&] {
    const unsigned self = threadIdx.x;
    for (int round = 1; round <= 3; ++round) {
      shared[self] = round * 1000 + static_cast<int>(self);
      cuda::__syncthreads();
      read[self] = shared[(self + 37) % kCount];
      cuda::__syncthreads();
      ASSERT_EQ(read[self], round * 1000 + static_cast<int>((self + 37) % kCount));
    }
  });
}

TEST(Emulation, ABarrierHandsEveryThreadTheVotesOfAll) {
  constexpr unsigned kRounds = 4;
  std::vector<int> agreed(40);
  run_blocks(1, 40, [&] {
    for (unsigned round = 0; round < kRounds; ++round)
      if (cuda::__syncthreads_or(round % 2 == 1 && threadIdx.x == 7 * round)) ++agreed[threadIdx.x];
  });
  EXPECT_THAT(agreed, testing::Each(2));  // in rounds 1 and 3
}

TEST(Emulation, ShufflesReachTheOtherLaneOfTheSameWarp) {
  std::vector<float> got(64);
  run_blocks(1, 64, [&] {
    const float first = cuda::__shfl_xor_sync(~0u, static_cast<float>(threadIdx.x), 5);
    got[threadIdx.x] = cuda::__shfl_xor_sync(~0u, first, 5);  // there and back
  });
  std::vector<float> expected(64);
  std::iota(expected.begin(), expected.end(), 0.0f);
  EXPECT_EQ(got, expected);
}

TEST(Emulation, ABarrierThatSomeThreadsMissIsAnError) {
  try {
    run_blocks(1, 32, [] {
      if (threadIdx.x < 20) cuda::__syncthreads();
    });
    FAIL() << "the missing threads went unnoticed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("20 threads"));
  }
  // The next launch starts afresh.
  int visits = 0;
  run_blocks(1, 32, [&] { ++visits; });
  EXPECT_EQ(visits, 32);
}

TEST(Emulation, TwoBarriersForOneBlockAreAnError) {
  try {
    run_blocks(1, 32, [] {
      if (threadIdx.x < 20)
        cuda::__syncthreads();
      else
        cuda::__syncthreads();
    });
    FAIL() << "threads met at different barriers";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("emulation_test.cpp"));
  }
}

TEST(Emulation, WhatAThreadThrowsComesOut) {
  EXPECT_THROW(run_blocks(1, 8,
                          [] {
                            cuda::__syncthreads();
                            if (threadIdx.x == 3) fail("thread {}", 3);
                          }),
               Error);
}

}  // namespace
}  // namespace trine::emulation
