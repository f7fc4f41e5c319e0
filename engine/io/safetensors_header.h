// The JSON header of a safetensors file, apart from the data it describes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/safetensors.h"

namespace trine::io {

struct TensorEntry {
  std::string name;
  ElementType type = ElementType::f32;
  Extents shape;
  std::uint64_t begin = 0, end = 0;  // bytes, from the start of the data
};

struct TensorHeader {
  std::vector<TensorEntry> entries;  // as the header lists them
  Metadata metadata;
};

// Throws Error with a clause ("it is not JSON: ..."); the caller says of which file.
TensorHeader parse_header(std::string_view json);

// Offsets are given out in the order of `arrays`.
std::string format_header(const ArraySources& arrays, const Metadata& metadata);

}  // namespace trine::io
