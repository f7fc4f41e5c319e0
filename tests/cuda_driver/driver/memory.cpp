#include "tests/cuda_driver/driver/memory.h"

#include <algorithm>
#include <new>

namespace trine::stand_in {
namespace {

constexpr std::align_val_t kAlignment{256};  // what CUDA promises
constexpr unsigned kGarbage = 0xFFC0BAD0u;   // a NaN, and no index that anything could hold

std::size_t words_of(std::size_t bytes) { return (bytes + 3) / 4; }

}  // namespace

void Memory::Deleter::operator()(unsigned* words) const { ::operator delete(words, kAlignment); }

void Memory::Block::fill_with_nan() const { std::fill_n(words.get(), words_of(bytes), kGarbage); }

std::size_t Memory::free(int device) const {
  std::size_t used = 0;
  for (const auto& [address, block] : live_) used += block.device == device ? block.bytes : 0;
  return used < limit_ ? limit_ - used : 0;
}

std::optional<CUdeviceptr> Memory::allocate(std::size_t bytes, int device) {
  if (bytes > free(device)) return std::nullopt;
  auto* words = static_cast<unsigned*>(::operator new(words_of(bytes) * 4, kAlignment));
  const auto address = reinterpret_cast<CUdeviceptr>(words);
  Block& block = live_[address];
  block.words.reset(words);
  block.bytes = bytes;
  block.device = device;
  block.fill_with_nan();
  return address;
}

Memory::Blocks::iterator Memory::retire(Blocks::iterator at) {
  at->second.fill_with_nan();
  freed_.push_back(std::move(at->second));
  return live_.erase(at);
}

bool Memory::release(CUdeviceptr address) {
  const auto at = live_.find(address);
  if (at == live_.end()) return false;
  retire(at);
  return true;
}

std::size_t Memory::release_all(int device) {
  std::size_t count = 0;
  for (auto at = live_.begin(); at != live_.end();) {
    if (at->second.device == device) {
      at = retire(at);
      ++count;
    } else {
      ++at;
    }
  }
  return count;
}

bool Memory::holds(CUdeviceptr address, std::size_t bytes, int device) const {
  auto at = live_.upper_bound(address);
  if (at == live_.begin()) return false;
  --at;
  const std::size_t offset = address - at->first;
  return at->second.device == device && offset <= at->second.bytes &&
         bytes <= at->second.bytes - offset;
}

}  // namespace trine::stand_in
