// What a module is loaded from: a fatbin as nvcc makes it, or the cubin of one architecture. Only
// as much is read as tells which kernels it holds, and whether a device could run them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include <cuda.h>

namespace trine::stand_in {

struct Image {
  bool generated = false;  // a cubin: its names are mangled instances of templates
  // Kernels by their symbols; none where the code is packed or PTX, and so cannot be read.
  std::optional<std::set<std::string>> symbols;

  bool may_hold(const std::string& symbol) const { return !symbols || symbols->contains(symbol); }
};

// `capability` is the device's, 90 for 9.0.
CUresult read_image(const void* data, int capability, Image& image);

}  // namespace trine::stand_in
