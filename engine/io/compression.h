// Files packed by gzip, bzip2 or xz.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/io/bytes.h"

namespace trine::io {

enum class Compression : std::uint8_t { gzip, bzip2, xz };

// What the bytes begin like; nullopt where they are not packed. No file of safetensors is taken for
// one, although its first bytes, a length, may be any.
std::optional<Compression> compression_of(ByteView bytes);

// How many bytes a packed file of that size may unpack to: features are numbers, of which padding
// alone packs well.
std::size_t most_unpacked(std::size_t packed_bytes);

// All streams of the file, one behind the other; at most `most` bytes. Throws Error with a clause
// where it is damaged, cut short, or unpacks to more.
SharedBytes unpack(ByteView packed, Compression compression, std::size_t most);

}  // namespace trine::io
