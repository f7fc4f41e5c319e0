// Watches every memory access of emulated kernels and reports those that a GPU would not forgive:
// outside of all allocations, racing with another thread, or reading what nothing has written.
//
// The kernels are compiled with the compiler's instrumentation for its thread sanitizer, but with
// functions of our own behind it (hooks.cpp), which know blocks and barriers instead of locks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/cuda/machine.h"
#include "tests/cuda_sanitizer/address_space.h"

namespace trine::sanitizer {

class Sanitizer {
 public:
  static Sanitizer& instance();

  AddressSpace& memory() { return memory_; }

  // Launches of one stage may run at the same time, those of different stages do not.
  void begin_stage() { ++stage_; }
  void begin_launch(const cuda::Launch& launch);
  void end_launch();

  struct Event {
    std::uintptr_t address = 0;
    std::size_t bytes = 0;
    bool is_write = false;
    std::uintptr_t frame = 0;    // an address on the thread's stack
    std::uintptr_t program = 0;  // counter
  };
  // An access by the running kernel. Ignored while none runs.
  void access(const Event& event);

  // What was found since the last call, a sentence each; the first few of them.
  std::vector<std::string> take_findings();
  // Accesses seen so far: a check that saw none proves nothing.
  std::uint64_t accesses() const { return accesses_; }

 private:
  Access self(Space space) const;
  void access_word(const Event& event, std::uintptr_t address);
  void report(const Event& event, std::uintptr_t address, const std::string& what);

  AddressSpace memory_;
  const cuda::Launch* launch_ = nullptr;
  Region parameters_;
  std::uint32_t stage_ = 0;
  std::uint32_t first_block_ = 0;  // serial number of the launch's first
  bool inside_ = false;
  std::uint64_t accesses_ = 0;
  std::vector<std::string> findings_;
};

}  // namespace trine::sanitizer
