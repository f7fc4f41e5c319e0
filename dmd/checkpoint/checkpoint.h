// Saved models: our own checkpoints, and the parameters of PyTorch programs.
//
// Ours are safetensors files. Tensors: every parameter under its name in the model, which is that
// of its authors' program, with `homo.` before those of a file homo.pth of theirs; `adam.m.NAME`
// and `adam.v.NAME`, the optimizer's moments; `gradients.NAME` if the run was stopped between two
// updates. Metadata: `format` = "dmd.checkpoint", `version` = "1", `config` and `training`, JSON
// (config/config_json.h, train/training_state.h).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/programs.h"
#include "engine/io/array.h"
#include "engine/nn/parameters.h"

namespace dmd {

struct Checkpoint {
  std::filesystem::path file;
  std::optional<Config> config;         // absent in files that hold parameters alone
  std::optional<std::string> training;  // likewise; JSON of train/training_state.h
  trine::io::NamedArrays arrays;
};

// Reads one of
// - a checkpoint of ours, or any safetensors file of parameters;
// - a PyTorch state dict (.pth, .pt), with the parameters of the files beside it that any model
// names
//   as its companions (homo.pth and hetero.pth of DMD), where they are there;
// - a folder with best.safetensors, or with model.pth and those companions.
// Buffers that the authors' programs save besides parameters are left out. Throws trine::Error with
// the path.
Checkpoint read_checkpoint(const std::filesystem::path& path);

// The folder that it was read from, absolute: the run's, where it is of one.
std::filesystem::path folder_of(const Checkpoint& checkpoint);

// Replaces the file as a whole or leaves it as it was.
void write_checkpoint(const std::filesystem::path& file, const Config& config, std::string training,
                      const trine::io::ArraySources& arrays);

// Of an array in a checkpoint of ours: whether it is of the optimizer, and no parameter.
bool is_training_array(std::string_view name);

// The parameters of the text encoder: there if it was trained along.
bool has_encoder(const Checkpoint& checkpoint);
trine::io::NamedArrays encoder_arrays(const Checkpoint& checkpoint);

// Those of the outputs whose parameters the file holds. The authors of DMD do not save its graph
// distillation units with it, for example, and edges of units that were never trained mean nothing.
std::vector<OutputInfo> outputs_in(const Checkpoint& checkpoint,
                                   const std::vector<OutputInfo>& outputs);

// An arena of the model's layout with the values of the arrays `prefix` + parameter name. Of a
// companion file that is not there the parameters stay zero. Throws trine::Error where a parameter
// is missing, has another shape (both are named), or is none of the model's; the model that the
// file seems to be of is named. A text encoder may be in the file alone.
std::vector<float> arena_from(const Checkpoint& checkpoint, const Declaration& declared,
                              std::string_view prefix = "");

// Elements of an arena: n from `offset` on.
using ReadArena = std::function<std::vector<float>(std::int64_t offset, std::int64_t n)>;

// Which parameters to write; null: all.
using Keep = std::function<bool(const trine::nn::Parameter&)>;

// The reverse: appends an array for each parameter, which is read when it is written.
void append_arena(trine::io::ArraySources& arrays, const trine::nn::ParameterStore& store,
                  std::string_view prefix, const ReadArena& read, const Keep& keep = {});

// Whether a file for others holds the parameter: not what is of a companion file and never trained,
// as units that stay as they were drawn, which the authors' program saves as little.
bool is_published(const Declaration& declared, const Config& config,
                  const trine::nn::Parameter& parameter);

}  // namespace dmd
