// Small damage to good files: what readers are tried with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "engine/error.h"

namespace formats {

inline constexpr int kMutants = 3000;

// SplitMix64 (Steele, Lea, Flood 2014): the same mutants on every machine.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_ = 1;
};

inline std::string mutant_of(std::string text, const std::string& donor, Random& random) {
  const std::size_t changes = 1 + random.below(4);
  for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random.below(text.size());
    const std::size_t length = 1 + random.below(std::min<std::size_t>(16, text.size() - at));
    switch (random.below(6)) {
      case 0:
        text[at] = static_cast<char>(random.next());
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ 1 << random.below(8));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.replace(at, length, length, random.below(2) == 0 ? '\xff' : '\0');
        break;
      default:
        text.insert(at, donor, random.below(donor.size()), length);
        break;
    }
  }
  return text;
}

// How many of the mutants were read after all.
template <class Read>
int survivors(const std::string& good, const std::string& donor, Read read) {
  Random random;
  int survived = 0;
  read(good);
  for (int i = 0; i < kMutants; ++i) {
    try {
      read(mutant_of(good, donor, random));
      ++survived;
    } catch (const trine::Error& error) {
      EXPECT_STRNE(error.what(), "");
    }
  }
  EXPECT_LT(survived, kMutants);
  return survived;
}

}  // namespace formats
