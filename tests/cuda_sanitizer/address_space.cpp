#include "tests/cuda_sanitizer/address_space.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <link.h>

#include "cuda/emulation/builtins.h"

namespace trine::sanitizer {
namespace {

constexpr std::uintptr_t kStackBytes = 64 * 1024;  // of a fiber

struct Program {
  std::uintptr_t begin = ~std::uintptr_t{0}, end = 0;  // of its segments
  std::uintptr_t thread_locals = 0;
  std::size_t thread_local_bytes = 0;
};

// The first object that the loader names is the program itself.
Program this_program() {
  Program program;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        auto& p = *static_cast<Program*>(result);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type == PT_LOAD) {
            p.begin = std::min<std::uintptr_t>(p.begin, info->dlpi_addr + segment.p_vaddr);
            p.end = std::max<std::uintptr_t>(p.end,
                                             info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
          } else if (segment.p_type == PT_TLS) {
            p.thread_locals = reinterpret_cast<std::uintptr_t>(info->dlpi_tls_data);
            p.thread_local_bytes = segment.p_memsz;
          }
        }
        return 1;
      },
      &program);
  return program;
}

// The index variables are thread-local too, and are the emulation's own.
template <class Variable>
bool lies_in(std::uintptr_t address, const Variable& variable) {
  const auto begin = reinterpret_cast<std::uintptr_t>(&variable);
  return begin <= address && address < begin + sizeof(variable);
}

}  // namespace

AddressSpace::AddressSpace() {
  const Program program = this_program();
  program_begin_ = program.begin;
  program_end_ = program.end;
  shared_ = Region(program.thread_locals, program.thread_local_bytes);
}

void AddressSpace::add_allocation(std::uintptr_t begin, std::size_t bytes) {
  allocations_[begin] = Region(begin, bytes);
}

void AddressSpace::remove_allocation(std::uintptr_t begin) {
  allocations_.erase(begin);
  last_ = nullptr;
}

Region* AddressSpace::allocation_at(std::uintptr_t address) {
  if (last_ && last_->holds(address)) return last_;
  const auto after = allocations_.upper_bound(address);
  if (after == allocations_.begin()) return nullptr;
  Region& region = std::prev(after)->second;
  if (!region.holds(address)) return nullptr;
  return last_ = &region;
}

AddressSpace::Found AddressSpace::find(std::uintptr_t address, std::uintptr_t frame,
                                       const Region& parameters) {
  if (Region* region = allocation_at(address)) return {Space::device, region};
  if (frame <= address && address < frame + kStackBytes) return {Space::local};
  if (shared_.holds(address)) {
    if (lies_in(address, cuda::threadIdx) || lies_in(address, cuda::blockIdx))
      return {Space::constant};
    return {Space::shared, &shared_};
  }
  if (parameters.holds(address)) return {Space::parameter};
  if (program_begin_ <= address && address < program_end_) return {Space::constant};
  return {};
}

}  // namespace trine::sanitizer
