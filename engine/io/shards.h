// Tensors that are spread over several files, as save_pretrained of Hugging Face's transformers
// writes a large model: model-00001-of-00005.safetensors and so on, and an index
// (model.safetensors.index.json, pytorch_model.bin.index.json) whose weight_map says which file
// holds which tensor.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/io/array.h"

namespace trine::io {

// Files, relative to the index's folder and within it, and the tensors of each.
using ShardIndex = std::map<std::string, std::set<std::string>>;

// `name` stands for the path in messages. Throws Error for what is no index, and for a file outside
// of its folder.
ShardIndex parse_shard_index(std::string_view json, std::string_view name);

// The tensors of all files, which are safetensors where they are called so and else PyTorch's.
// Throws Error, with the index and the file, where a file is missing or holds other tensors than
// the index says.
NamedArrays read_shards(const std::filesystem::path& index);

}  // namespace trine::io
