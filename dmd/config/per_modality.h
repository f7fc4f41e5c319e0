// One of something for each modality, found by the modality and walked in the order l, v, a.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "dmd/config/modality.h"

namespace dmd {

template <class T>
class PerModality {
 public:
  const T& operator[](Modality m) const { return values_[index_of(m)]; }
  T& operator[](Modality m) { return values_[index_of(m)]; }

  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::array<T, kModalities.size()> values_{};
};

// named("proj1_{}_low", Modality::vision) is "proj1_v_low".
inline std::string named(std::string_view pattern, Modality m) {
  return fmt::format(fmt::runtime(pattern), letter_of(m));
}

}  // namespace dmd
