// Device memory: blocks of host memory under a limit, filled with NaN when they are new and again
// when they are freed.
//
// A freed block stays mapped until nothing is queued any more: cuMemFree "may" wait for the work
// that uses the memory, so a program must not count on it, and one that does reads NaN here.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <cuda.h>

namespace trine::stand_in {

class Memory {
 public:
  void limit(std::size_t bytes) { limit_ = bytes; }
  std::size_t total() const { return limit_; }
  std::size_t free(int device) const;

  // Nothing if that is more than there is.
  std::optional<CUdeviceptr> allocate(std::size_t bytes, int device);
  // False unless `address` is the beginning of a live block.
  bool release(CUdeviceptr address);
  // All of a device; how many there were.
  std::size_t release_all(int device);
  // Unmaps what was freed.
  void forget_freed() { freed_.clear(); }

  // Whether the bytes lie wholly in one live block of the device.
  bool holds(CUdeviceptr address, std::size_t bytes, int device) const;
  std::size_t blocks() const { return live_.size(); }

 private:
  struct Deleter {
    void operator()(unsigned* words) const;
  };
  struct Block {
    std::unique_ptr<unsigned, Deleter> words;
    std::size_t bytes = 0;
    int device = 0;

    void fill_with_nan() const;
  };
  using Blocks = std::map<CUdeviceptr, Block>;
  Blocks::iterator retire(Blocks::iterator at);

  std::size_t limit_ = 0;
  Blocks live_;
  std::vector<Block> freed_;
};

}  // namespace trine::stand_in
