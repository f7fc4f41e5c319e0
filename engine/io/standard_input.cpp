#include "engine/io/standard_input.h"

#include <algorithm>
#include <new>

#include <unistd.h>

#include "engine/io/file_descriptor.h"
#include "engine/io/mapped_file.h"

namespace trine::io {
namespace {

constexpr std::size_t kFirst = std::size_t{1} << 16;

// At most as many bytes as `into` holds; 0 at the end.
std::size_t read_some(std::span<std::byte> into) {
  const ssize_t got = uninterrupted([&] { return ::read(STDIN_FILENO, into.data(), into.size()); });
  if (got < 0) fail("standard input cannot be read: {}", system_message());
  return static_cast<std::size_t>(got);
}

std::vector<std::byte> read_all() {
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(std::max(kFirst, 2 * bytes.size()));
    const std::size_t got = read_some(std::span(bytes).subspan(used));
    used += got;
    if (got == 0) break;
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

SharedBytes read_standard_input() {
  std::vector<std::byte> bytes;
  try {
    bytes = read_all();
  } catch (const std::bad_alloc&) {
    fail("what comes on standard input does not fit into memory: give the path of a file");
  }
  if (bytes.empty()) fail("nothing came on standard input, and a file is expected there");
  return unpacked_bytes(share(std::move(bytes)), "standard input");
}

}  // namespace trine::io
