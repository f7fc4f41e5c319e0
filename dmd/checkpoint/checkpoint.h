// Saved models: our own checkpoints, and the parameters of PyTorch programs.
//
// Ours are safetensors files. Tensors: every parameter under its name in the authors' program, with
// `homo.` and `hetero.` before those of the two graph distillation units; `adam.m.NAME` and
// `adam.v.NAME`, the optimizer's moments; `gradients.NAME` if the run was stopped between two
// updates. Metadata: `format` = "dmd.checkpoint", `version` = "1", `config` and `training`, JSON
// (config/config.h, training_state.h).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/checkpoint/training_state.h"
#include "dmd/config/config.h"
#include "engine/io/array.h"
#include "engine/nn/parameters.h"

namespace dmd {

struct Checkpoint {
  std::filesystem::path file;             // for messages
  std::optional<Config> config;           // absent in files that hold parameters alone
  std::optional<TrainingState> training;  // likewise
  trine::io::NamedArrays arrays;
};

// Reads one of
// - a checkpoint of ours, or any safetensors file of parameters;
// - a PyTorch state dict (.pth, .pt), with the units of homo.pth and hetero.pth beside it, if
// there;
// - a folder with best.safetensors, or with model.pth and those two.
// Buffers that the authors' program saves besides parameters are left out. Throws trine::Error with
// the path.
Checkpoint read_checkpoint(const std::filesystem::path& path);

// Replaces the file as a whole or leaves it as it was.
void write_checkpoint(const std::filesystem::path& file, const Config& config,
                      const TrainingState& training, const trine::io::ArraySources& arrays);

// The parameters of the text encoder: there if it was trained along.
bool has_encoder(const Checkpoint& checkpoint);
trine::io::NamedArrays encoder_arrays(const Checkpoint& checkpoint);

// Whether the file holds any parameter of a graph distillation unit, "homo" or "hetero". The
// authors' program does not save its units with its model; scoring needs none.
bool has_unit(const Checkpoint& checkpoint, std::string_view unit);

// An arena of `store`'s layout with the values of the arrays `prefix` + parameter name. A unit of
// which the file holds nothing stays zero. Throws trine::Error where a parameter is missing, has
// another shape (both are named), or is none of the store's; a text encoder may be in the file
// alone.
std::vector<float> arena_from(const Checkpoint& checkpoint, const trine::nn::ParameterStore& store,
                              std::string_view prefix = "");

// Elements of an arena: n from `offset` on.
using ReadArena = std::function<std::vector<float>(std::int64_t offset, std::int64_t n)>;

// The reverse: appends an array for each parameter, which is read when it is written.
void append_arena(trine::io::ArraySources& arrays, const trine::nn::ParameterStore& store,
                  std::string_view prefix, const ReadArena& read);

}  // namespace dmd
