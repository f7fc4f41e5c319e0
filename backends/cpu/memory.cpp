#include "backends/cpu/memory.h"

#include <cstring>
#include <new>

#include <sys/mman.h>

#include "backends/cpu/kernels/kernels.h"

namespace trine::cpu {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kPadding = kLanes * sizeof(float);
// Memory from this size on asks for huge pages: a step walks all of its arena, and with small pages
// the address translation costs as much as the data.
constexpr std::size_t kHugePage = 2 << 20;

std::byte* from_system(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, size, MADV_HUGEPAGE);  // a hint: may fail
  return static_cast<std::byte*>(memory);
}

std::byte* from_heap(std::size_t size) {
  void* memory = ::operator new(size, kAlignment);
  std::memset(memory, 0, size);
  return static_cast<std::byte*>(memory);
}

}  // namespace

void Memory::Free::operator()(std::byte* memory) const {
  if (mapped > 0)
    ::munmap(memory, mapped);
  else
    ::operator delete(memory, kAlignment);
}

Memory::Memory(std::int64_t bytes) : Memory() {
  const std::size_t size = static_cast<std::size_t>(bytes) + kPadding;
  if (size < kHugePage)
    data_ = {from_heap(size), Free{0}};
  else
    data_ = {from_system(size), Free{size}};
}

}  // namespace trine::cpu
