#include "backends/codegen/cache_file.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/error.h"
#include "engine/io/atomic_file.h"

namespace trine {
namespace {

namespace fs = std::filesystem;

struct Header {
  char magic[8] = {'t', 'r', 'i', 'n', 'e', 'c', 'f', '1'};
  std::uint64_t size = 0;
  std::uint64_t checksum = 0;
};

std::optional<fs::path> folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return fs::path(cache) / "trine";
  if (const char* home = std::getenv("HOME"); home && *home)
    return fs::path(home) / ".cache" / "trine";
  return std::nullopt;
}

// Empty where it cannot be read to its end. A stream's buffer throws where the disk fails.
std::vector<char> contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  try {
    return {std::istreambuf_iterator<char>(file), {}};
  } catch (const std::ios_base::failure&) {
    return {};
  }
}

}  // namespace

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::byte b : bytes) hash = (hash ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
  return hash;
}

std::uint64_t hash_of(std::string_view text) { return hash_of(std::as_bytes(std::span(text))); }

std::optional<std::vector<std::byte>> read_cached(const std::string& name) {
  const auto place = folder();
  if (!place) return std::nullopt;
  const std::vector<char> chars = contents_of(*place / name);
  Header header;
  if (chars.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, chars.data(), sizeof(header));
  const std::span<const std::byte> content =
      std::as_bytes(std::span(chars)).subspan(sizeof(header));
  const bool whole = std::memcmp(header.magic, Header{}.magic, sizeof(header.magic)) == 0 &&
                     header.size == content.size() && header.checksum == hash_of(content);
  if (!whole) return std::nullopt;
  return std::vector<std::byte>(content.begin(), content.end());
}

void write_cached(const std::string& name, std::span<const std::byte> content) {
  const auto place = folder();
  std::error_code error;
  if (!place || (fs::create_directories(*place, error), error)) return;
  Header header;
  header.size = content.size();
  header.checksum = hash_of(content);
  std::string text(reinterpret_cast<const char*>(&header), sizeof(header));
  text.append(reinterpret_cast<const char*>(content.data()), content.size());
  try {
    io::write_file(*place / name, text);
  } catch (const Error&) {
    // A full or read-only disk: the next run compiles again.
  }
}

}  // namespace trine
