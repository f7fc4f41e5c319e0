// Reads a byte string from front to back; no read goes past its end.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "engine/io/bytes.h"

namespace trine::io {

class ByteCursor {
 public:
  explicit ByteCursor(ByteView bytes) : bytes_(bytes) {}

  std::size_t position() const { return at_; }

  // The next `length` bytes. Throws Error (a clause) where fewer are left, before anything that
  // long could be allocated.
  ByteView take(std::uint64_t length) {
    if (length > bytes_.size() - at_) {
      fail("{} bytes should follow, and {} are left: it is cut short", length, bytes_.size() - at_);
    }
    const ByteView out = bytes_.subspan(at_, static_cast<std::size_t>(length));
    at_ += out.size();
    return out;
  }

  template <class T>
  T little_endian() {
    static_assert(std::endian::native == std::endian::little);
    return load<T>(take(sizeof(T)).data());
  }

  double big_endian_double() {
    std::array<std::byte, sizeof(double)> reversed;
    std::ranges::reverse_copy(take(sizeof(double)), reversed.begin());
    return std::bit_cast<double>(reversed);
  }

  // Up to the next line feed, which is skipped.
  std::string_view line() {
    const ByteView rest = bytes_.subspan(at_);
    const auto end = std::ranges::find(rest, std::byte{'\n'});
    if (end == rest.end()) fail("a line should follow, and it is cut short");
    const auto length = static_cast<std::size_t>(end - rest.begin());
    at_ += length + 1;
    return text_of(rest.first(length));
  }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

}  // namespace trine::io
