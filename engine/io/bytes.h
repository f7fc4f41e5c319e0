// Bytes that several holders share, and the limit on how many of them a file may make us copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/error.h"

namespace trine::io {

using ByteView = std::span<const std::byte>;

// A stretch of memory and whatever keeps it alive: a mapped file, or a buffer of its own. Copying
// shares; `part` shares too, so an array can be a view into the file it came from.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  ByteView view;

  std::size_t size() const { return view.size(); }
  SharedBytes part(std::size_t begin, std::size_t length) const {
    return {owner, view.subspan(begin, length)};
  }
};

template <class T>
SharedBytes share(std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  return {owner, std::as_bytes(std::span(*owner))};
}

inline ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads a T wherever it lies: bytes in files are not aligned.
template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// A small hostile file can name one large buffer many times over and ask for a copy each time.
// Readers charge every copy here, so that what they allocate stays in proportion to the file.
class Budget {
 public:
  static Budget for_file(std::size_t file_bytes) { return Budget((256u << 20) + 8 * file_bytes); }
  explicit Budget(std::size_t bytes) : left_(bytes) {}

  void charge(std::size_t bytes) {
    if (bytes > left_) fail("it unpacks to far more memory than a file of its size should need");
    left_ -= bytes;
  }

 private:
  std::size_t left_;
};

}  // namespace trine::io
