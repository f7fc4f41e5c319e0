// The safetensors format: named arrays and a map of strings in one file.
// Layout (huggingface.co/docs/safetensors): 8 bytes of header length, little-endian; the header, a
// JSON object of {name: {dtype, shape, data_offsets}} and optionally __metadata__; then the data,
// with neither gap nor overlap.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "engine/io/array.h"

namespace trine::io {

using Metadata = std::map<std::string, std::string>;

struct Safetensors {
  NamedArrays arrays;
  Metadata metadata;
};

// Arrays are views into the mapped file: nothing is copied. Throws Error, with the path and what is
// wrong, unless the whole file follows the format.
Safetensors read_safetensors(const std::filesystem::path& path);

// The same from memory; `name` stands for the path in messages.
Safetensors parse_safetensors(const SharedBytes& bytes, std::string_view name);

// Keeps the order of `arrays`; replaces the file as a whole or leaves it as it was. Throws Error
// for a name given twice, a text that is not UTF-8, and whatever hinders writing.
void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays,
                       const Metadata& metadata = {});

// The same with one array in memory at a time.
void write_safetensors(const std::filesystem::path& path, const ArraySources& arrays,
                       const Metadata& metadata = {});

}  // namespace trine::io
