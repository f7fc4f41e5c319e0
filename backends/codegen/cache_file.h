// Small files under $XDG_CACHE_HOME/trine (or ~/.cache/trine) that may vanish or spoil at any time:
// compiled kernels and pipelines. A file that is missing or damaged reads as nothing; one that
// cannot be written is given up silently, since a cache only saves time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trine {

// 64 bits of FNV-1a (Fowler, Noll, Vo).
std::uint64_t hash_of(std::span<const std::byte> bytes);
std::uint64_t hash_of(std::string_view text);

// Content stands behind a checksum; `name` is a plain file name.
std::optional<std::vector<std::byte>> read_cached(const std::string& name);
void write_cached(const std::string& name, std::span<const std::byte> content);

}  // namespace trine
