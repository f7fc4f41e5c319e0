// Random numbers for the order of batches and for synthetic data: the same on every platform and
// with every standard library, because they take integer arithmetic alone. (The engine's dropout
// has a generator of its own, which every device can compute.)
#pragma once

#include <cstdint>

namespace dmd {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a
// counter stepped by an odd constant and passed through a mixing function.
class Random {
 public:
  // Streams of one seed are independent for all purposes here.
  Random(std::uint64_t seed, std::uint64_t stream);

  std::uint64_t next();

  // Uniform in [0, bound), without bias; `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);

  // Uniform in [0, 1), a multiple of 2^-53.
  double uniform();

  // Mean 0, variance 1, within ±6: the sum of twelve uniform numbers. No logarithm or cosine takes
  // part, as those differ in the last bit between mathematics libraries.
  double normal();

 private:
  std::uint64_t state_;
};

}  // namespace dmd
