// Memory of the host for arenas and workspaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace trine::cpu {

// Zeroed, aligned to cache lines, and padded by the length of a vector, which kernels may read past
// the end. Large memory is of pages that the system supplies, cleared, when they are first touched.
// Throws std::bad_alloc.
class Memory {
 public:
  Memory() = default;  // none
  explicit Memory(std::int64_t bytes);

  std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    std::size_t mapped;  // bytes; 0: from the heap
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> data_{nullptr, Free{0}};
};

}  // namespace trine::cpu
