#include "tests/cuda_driver/driver/cubin.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include <elf.h>

namespace trine::stand_in {
namespace {

constexpr std::string_view kCode = ".text.";

// From this version of the ABI on, which came with CUDA 13, the architecture is the flags' second
// byte; before it is the first.
constexpr unsigned char kLaterAbi = 8;

class Elf {
 public:
  Elf(const unsigned char* data, std::size_t bytes) : data_(data), bytes_(bytes) {}

  template <class Part>
  std::optional<Part> part(std::uint64_t at) const {
    if (at > bytes_ || sizeof(Part) > bytes_ - at) return std::nullopt;
    Part result;
    std::memcpy(&result, data_ + at, sizeof(Part));
    return result;
  }

  // The string that begins at `at` and ends before `end`.
  std::optional<std::string> text(std::uint64_t at, std::uint64_t end) const {
    if (at >= end || end > bytes_) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(data_ + at);
    const std::size_t most = static_cast<std::size_t>(end - at);
    const std::size_t length = strnlen(begin, most);
    if (length == most) return std::nullopt;
    return std::string(begin, length);
  }

 private:
  const unsigned char* data_;
  std::size_t bytes_;
};

unsigned architecture_of(const Elf64_Ehdr& header) {
  const bool later = header.e_ident[EI_ABIVERSION] >= kLaterAbi;
  return (later ? header.e_flags >> 8 : header.e_flags) & 0xFFu;
}

}  // namespace

bool is_elf(const unsigned char* data) { return std::memcmp(data, ELFMAG, SELFMAG) == 0; }

std::optional<Cubin> read_cubin(const unsigned char* data, std::size_t most_bytes) {
  const Elf elf(data, most_bytes);
  const auto header = elf.part<Elf64_Ehdr>(0);
  if (!header || !is_elf(data) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_machine != EM_CUDA || header->e_shentsize != sizeof(Elf64_Shdr))
    return std::nullopt;
  auto section = [&](unsigned index) {
    return elf.part<Elf64_Shdr>(header->e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
  };
  const auto names = section(header->e_shstrndx);
  if (!names || names->sh_size > most_bytes) return std::nullopt;
  Cubin cubin{architecture_of(*header), {}};
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto own = section(i);
    if (!own) return std::nullopt;
    const auto name = elf.text(names->sh_offset + own->sh_name, names->sh_offset + names->sh_size);
    if (!name) return std::nullopt;
    if (name->starts_with(kCode)) cubin.kernels.insert(name->substr(kCode.size()));
  }
  return cubin;
}

}  // namespace trine::stand_in
