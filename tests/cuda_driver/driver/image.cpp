#include "tests/cuda_driver/driver/image.h"

#include <cstdint>
#include <cstring>
#include <span>

#include "tests/cuda_driver/driver/cubin.h"

namespace trine::stand_in {
namespace {

// The container's layout, as nvcc writes it: a header, and then entries of PTX and of cubins.
struct FatbinHeader {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t header_bytes;
  std::uint64_t bytes;  // of all entries
};

struct FatbinEntry {
  std::uint16_t kind, version;
  std::uint32_t header_bytes;
  std::uint64_t bytes;
  std::uint32_t packed_bytes, unknown;
  std::uint16_t minor, major;  // of the code's version
  std::uint32_t architecture;  // 90 for 9.0
};

constexpr std::uint32_t kFatbinMagic = 0xBA55ED50;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
constexpr std::uint16_t kPtx = 1, kCubin = 2;

// How well an entry suits a device: cubins of the same major version run on it, and later ones
// first; PTX of any earlier architecture can be compiled for it; 0 does not suit.
unsigned fitness(const FatbinEntry& entry, unsigned capability) {
  if (entry.architecture > capability) return 0;
  if (entry.kind == kPtx) return entry.architecture;
  const bool same_major = entry.architecture / 10 == capability / 10;
  return entry.kind == kCubin && same_major ? 1000 + entry.architecture : 0;
}

// The entry that suits best, with its content; nothing if the container is damaged.
struct Chosen {
  unsigned fitness = 0;
  FatbinEntry entry{};
  std::span<const unsigned char> content;
};

std::optional<Chosen> choose(std::span<const unsigned char> entries, unsigned capability) {
  Chosen best;
  while (!entries.empty()) {
    FatbinEntry entry{};
    if (entries.size() < sizeof(entry)) return std::nullopt;
    std::memcpy(&entry, entries.data(), sizeof(entry));
    if (entry.header_bytes < sizeof(entry) || entry.header_bytes > entries.size() ||
        entry.bytes > entries.size() - entry.header_bytes)
      return std::nullopt;
    const auto content = entries.subspan(entry.header_bytes, static_cast<std::size_t>(entry.bytes));
    if (const unsigned fits = fitness(entry, capability); fits > best.fitness)
      best = {fits, entry, content};
    entries = entries.subspan(entry.header_bytes + content.size());
  }
  return best;
}

CUresult read_fatbin(const unsigned char* data, unsigned capability, Image& image) {
  FatbinHeader header{};
  std::memcpy(&header, data, sizeof(header));
  if (header.header_bytes < sizeof(header) || header.bytes > kMostBytes)
    return CUDA_ERROR_INVALID_IMAGE;
  const auto chosen =
      choose({data + header.header_bytes, static_cast<std::size_t>(header.bytes)}, capability);
  if (!chosen) return CUDA_ERROR_INVALID_IMAGE;
  if (chosen->fitness == 0) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  if (chosen->entry.kind == kPtx || !is_elf(chosen->content.data())) return CUDA_SUCCESS;
  const auto cubin = read_cubin(chosen->content.data(), chosen->content.size());
  if (!cubin) return CUDA_ERROR_INVALID_IMAGE;
  image.symbols = cubin->kernels;
  return CUDA_SUCCESS;
}

CUresult read_generated(const unsigned char* data, unsigned capability, Image& image) {
  const auto cubin = read_cubin(data, kMostBytes);
  if (!cubin) return CUDA_ERROR_INVALID_IMAGE;
  const unsigned architecture = cubin->architecture;
  if (architecture / 10 != capability / 10 || architecture > capability)
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  image.generated = true;
  image.symbols = cubin->kernels;
  return CUDA_SUCCESS;
}

}  // namespace

CUresult read_image(const void* data, int capability, Image& image) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t magic = 0;
  std::memcpy(&magic, bytes, sizeof(magic));
  if (magic == kFatbinMagic) return read_fatbin(bytes, static_cast<unsigned>(capability), image);
  if (is_elf(bytes)) return read_generated(bytes, static_cast<unsigned>(capability), image);
  return CUDA_ERROR_INVALID_IMAGE;
}

}  // namespace trine::stand_in
