// Strings and vectors as alternatives of a std::variant.
#pragma once

#include <utility>

namespace trine {

// A T under another type. g++'s library takes a variant of nothing but numbers and its own strings
// and vectors for one that always holds something, and so destroys what was never made where memory
// runs out while such a variant is copied. One alternative that it does not know keeps it from
// that.
template <class T>
struct Alternative : T {
  using T::T;
  Alternative() = default;
  Alternative(T value) : T(std::move(value)) {}
};

}  // namespace trine
