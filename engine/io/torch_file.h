// PyTorch checkpoints (.pth, .pt), read without PyTorch.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/array.h"

namespace trine::io {

struct TorchFile {
  NamedArrays arrays;                // in the order of the state dict
  std::vector<std::string> skipped;  // names of entries that are not tensors
};

// Reads what torch.save writes since PyTorch 1.6: a zip archive of a pickle (NAME/data.pkl, read by
// the restricted reader) and raw storages (NAME/data/KEY). The pickle holds a state dict, or a dict
// with one in it, such as {"state_dict": {...}, "epoch": 3}. Views are resolved and big-endian
// files converted: every array is row-major and native. Throws Error with the path for anything
// else, the format before 1.6 included.
TorchFile read_torch_file(const std::filesystem::path& path);

// The same from memory; `name` stands for the path in messages.
TorchFile parse_torch_file(const SharedBytes& bytes, std::string_view name);

// Whether a file is a PyTorch file: by its name, .pth or .pt, else by its first bytes.
bool is_torch_file(const std::filesystem::path& path);

}  // namespace trine::io
