// Foreign files made into safetensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dmd/config/nonfinite.h"

namespace dmd {

struct Conversion {
  enum class Kind : std::uint8_t { checkpoint, features };
  Kind kind = Kind::checkpoint;
  std::int64_t items = 0;            // tensors of a checkpoint, or utterances
  std::vector<std::string> skipped;  // entries of a checkpoint that are not tensors
  std::vector<std::string> notes;    // how features were read
};

// A PyTorch checkpoint (what torch.save wrote, or named .pth or .pt, unless its names are those of
// features) keeps its types and order, and its names without the wrappers'; anything else is read
// as a feature file, of which labels and splits may be missing. Throws trine::Error for input that
// cannot be read, and for an output that is not named .safetensors or cannot be written. `-` as the
// input is standard input.
Conversion convert(const std::filesystem::path& input, const std::filesystem::path& output,
                   Nonfinite nonfinite = Nonfinite::refuse);

}  // namespace dmd
