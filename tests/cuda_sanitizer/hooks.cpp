// What code compiled with -fsanitize=thread calls at each access to memory that is not plainly the
// function's own. The thread sanitizer's runtime is not linked; these take its place.
#include <cstddef>
#include <cstdint>

#include "tests/cuda_sanitizer/sanitizer.h"

namespace {

[[gnu::always_inline]] inline void note(const volatile void* address, std::size_t bytes,
                                        bool is_write) {
  trine::sanitizer::Sanitizer::instance().access(
      {.address = reinterpret_cast<std::uintptr_t>(address),
       .bytes = bytes,
       .is_write = is_write,
       .frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),
       .program = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))});
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): the compiler chose the names.
extern "C" {

#define TRINE_HOOKS(bytes)                                                          \
  void __tsan_read##bytes(void* address) { note(address, bytes, false); }           \
  void __tsan_write##bytes(void* address) { note(address, bytes, true); }           \
  void __tsan_unaligned_read##bytes(void* address) { note(address, bytes, false); } \
  void __tsan_unaligned_write##bytes(void* address) { note(address, bytes, true); }
TRINE_HOOKS(1)
TRINE_HOOKS(2)
TRINE_HOOKS(4)
TRINE_HOOKS(8)
TRINE_HOOKS(16)
#undef TRINE_HOOKS

void __tsan_read_range(void* address, std::size_t bytes) { note(address, bytes, false); }
void __tsan_write_range(void* address, std::size_t bytes) { note(address, bytes, true); }

// Kernels have neither atomics nor virtual functions; the table that they register in has.
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
char __tsan_atomic8_load(const volatile char* address, int) {
  return __atomic_load_n(address, __ATOMIC_ACQUIRE);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
