// Machine code of one architecture: an ELF file with a section .text.SYMBOL for each kernel.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace trine::stand_in {

struct Cubin {
  unsigned architecture = 0;  // 90 for 9.0
  std::set<std::string> kernels;
};

bool is_elf(const unsigned char* data);

// Nothing if that is no cubin, or if a part of it lies beyond `most_bytes`.
std::optional<Cubin> read_cubin(const unsigned char* data, std::size_t most_bytes);

}  // namespace trine::stand_in
