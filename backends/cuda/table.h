// The table of a program in the making: records, operands, scalars and code that kernels read.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace trine::cuda {

class Table {
 public:
  // Appends items side by side and returns the byte offset of the first.
  template <class Item>
  int append(std::span<const Item> items) {
    static_assert(std::is_trivially_copyable_v<Item>);
    const std::size_t at = (bytes_.size() + kAlignment - 1) / kAlignment * kAlignment;
    bytes_.resize(at + items.size_bytes());
    if (!items.empty()) std::memcpy(bytes_.data() + at, items.data(), items.size_bytes());
    return static_cast<int>(at);
  }

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kAlignment = 16;
  std::vector<std::byte> bytes_;
};

}  // namespace trine::cuda
