// Element types of graph values. Every one occupies a whole number of bytes; code asks
// `size_of` and never assumes four, so that 16-bit types can join.
#pragma once

#include <cstdint>
#include <string_view>

namespace trine {

enum class DType : std::uint8_t { f32, i32 };

constexpr std::int64_t size_of(DType) { return 4; }

constexpr std::string_view name_of(DType type) { return type == DType::f32 ? "f32" : "i32"; }

}  // namespace trine
