#include "dmd/data/random.h"

namespace dmd {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio, made odd

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : state_(mix(mix(seed + kStep) ^ mix(~stream))) {}

std::uint64_t Random::next() {
  state_ += kStep;
  return mix(state_);
}

std::uint64_t Random::below(std::uint64_t bound) {
  // 2^64 is no multiple of `bound` in general: values under the remainder are drawn again, so that
  // what is left falls into equal classes.
  const std::uint64_t remainder = (0 - bound) % bound;
  std::uint64_t value = next();
  while (value < remainder) value = next();
  return value % bound;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

double Random::normal() {
  constexpr std::int64_t kMean = 6 * 65535;
  std::int64_t sum = 0;  // of twelve 16-bit numbers, four a draw
  for (int draw = 0; draw < 3; ++draw) {
    for (std::uint64_t bits = next(), part = 0; part < 4; ++part, bits >>= 16)
      sum += static_cast<std::int64_t>(bits & 0xffff);
  }
  return static_cast<double>(sum - kMean) * 0x1p-16;
}

}  // namespace dmd
