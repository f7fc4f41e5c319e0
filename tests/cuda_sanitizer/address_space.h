// What lies at an address: kernels of the emulation see host memory, and every kind of memory that
// a GPU tells apart is some region of it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "tests/cuda_sanitizer/history.h"

namespace trine::sanitizer {

enum class Space {
  device,     // an allocation of the machine
  shared,     // a __shared__ variable
  local,      // a thread's own stack
  parameter,  // the launch's arguments
  constant,   // the program's own data
  nowhere
};

// Words with a history.
struct Region {
  std::uintptr_t begin = 0, end = 0;
  std::vector<History> words;

  explicit Region(std::uintptr_t from = 0, std::size_t bytes = 0)
      : begin(from), end(from + bytes), words((bytes + 3) / 4) {}
  bool holds(std::uintptr_t address) const { return begin <= address && address < end; }
  History& at(std::uintptr_t address) { return words[(address - begin) / 4]; }
};

class AddressSpace {
 public:
  AddressSpace();

  void add_allocation(std::uintptr_t begin, std::size_t bytes);
  void remove_allocation(std::uintptr_t begin);
  // The allocation that an address lies in, or null.
  Region* allocation_at(std::uintptr_t address);

  struct Found {
    Space space = Space::nowhere;
    Region* region = nullptr;  // of device and shared memory
  };
  // `frame` is an address on the running thread's stack, `parameters` those of the launch.
  Found find(std::uintptr_t address, std::uintptr_t frame, const Region& parameters);

  // Where the program was loaded: what addr2line calls 0.
  std::uintptr_t program_begin() const { return program_begin_; }

 private:
  std::map<std::uintptr_t, Region> allocations_;
  Region* last_ = nullptr;  // found before: most accesses stay where the last one was
  Region shared_;           // this thread's static thread-local variables
  std::uintptr_t program_begin_ = 0, program_end_ = 0;
};

}  // namespace trine::sanitizer
