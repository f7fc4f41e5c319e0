// The C++ type of each element type, so that one loop serves all of them.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/io/array.h"

namespace trine::io {

// IEEE 754 binary16.
struct Half {
  std::uint16_t bits;

  operator float() const {
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00u) {  // infinity and NaN keep their payload
      return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    }
    // Shifted into place the exponent is short by 127 - 15. The product mends that, and is exact
    // for subnormals too.
    const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
  }
};

// The upper half of a binary32.
struct BFloat16 {
  std::uint16_t bits;

  operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};

// A byte: any value but 0 counts as true (a bool may hold 0 and 1 only).
struct Boolean {
  std::uint8_t byte;

  operator std::uint8_t() const { return byte != 0; }
};

// Calls visit with a zero of the element's C++ type.
template <class Visit>
decltype(auto) visit_element(ElementType type, Visit&& visit) {
  switch (type) {
    case ElementType::boolean:
      return visit(Boolean{});
    case ElementType::u8:
      return visit(std::uint8_t{});
    case ElementType::i8:
      return visit(std::int8_t{});
    case ElementType::u16:
      return visit(std::uint16_t{});
    case ElementType::i16:
      return visit(std::int16_t{});
    case ElementType::u32:
      return visit(std::uint32_t{});
    case ElementType::i32:
      return visit(std::int32_t{});
    case ElementType::u64:
      return visit(std::uint64_t{});
    case ElementType::i64:
      return visit(std::int64_t{});
    case ElementType::f16:
      return visit(Half{});
    case ElementType::bf16:
      return visit(BFloat16{});
    case ElementType::f32:
      return visit(float{});
    case ElementType::f64:
      return visit(double{});
  }
  fail("element type {} is unknown", static_cast<int>(type));
}

}  // namespace trine::io
