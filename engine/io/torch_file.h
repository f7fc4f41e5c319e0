// PyTorch checkpoints (.pth, .pt, .bin), read without PyTorch.
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

// Reads what torch.save writes, before PyTorch 1.6 and since, and pickles of tensors or NumPy
// arrays (torch_document.h). They hold a state dict, or one within dicts and lists, such as
// {"state_dict": {...}, "epoch": 3}: under a usual name (state_dict, model_state_dict, model, net,
// network, module), or the only one there is. What wrappers put in front of all names (module.,
// _orig_mod., Model.) is taken off. Views are resolved and big-endian files converted: every array
// is row-major and native. Throws Error with the path for anything else.
TorchFile read_torch_file(const std::filesystem::path& path);

// The same from memory; `name` stands for the path in messages.
TorchFile parse_torch_file(const SharedBytes& bytes, std::string_view name);

// Whether a file is a PyTorch file: by its name, .pth or .pt, else by its first bytes.
bool is_torch_file(const std::filesystem::path& path);
bool is_torch_file(std::string_view name, ByteView bytes);

}  // namespace trine::io
