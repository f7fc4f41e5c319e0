// What matrix products may round their operands to. Sums are f32 in both.
#pragma once

#include <string_view>

namespace trine {

enum class Precision {
  f32,
  tf32,  // ten bits of mantissa, for tensor cores
};

constexpr std::string_view name_of(Precision precision) {
  return precision == Precision::f32 ? "f32" : "tf32";
}

}  // namespace trine
