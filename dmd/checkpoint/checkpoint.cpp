#include "dmd/checkpoint/checkpoint.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "dmd/text_encoder/pretrained.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
namespace io = trine::io;

constexpr const char* kFormat = "dmd.checkpoint";
constexpr const char* kVersion = "1";
constexpr std::array kUnits{"homo", "hetero"};

// ---- Which files a path stands for ----

fs::path file_in(const fs::path& folder) {
  for (const char* name : {"best.safetensors", "last.safetensors", "model.pth"})
    if (fs::exists(folder / name)) return folder / name;
  trine::fail("{} holds no checkpoint: there is no best.safetensors, last.safetensors or model.pth",
              folder.string());
}

bool is_torch_file(const fs::path& file) {
  const std::string suffix = file.extension().string();
  if (suffix == ".pth" || suffix == ".pt") return true;
  return io::text_of(io::map_file(file).view).starts_with("PK");
}

// ---- PyTorch state dicts ----

// Markers that the authors' modules and text encoders keep with their parameters; nothing is
// computed from them.
bool is_marker(std::string_view name) {
  return name == "version" || name.ends_with(".version") || name.ends_with("._float_tensor") ||
         name.ends_with(".position_ids") || name.ends_with(".token_type_ids");
}

void append_state_dict(const fs::path& file, std::string_view prefix, io::NamedArrays& into) {
  for (io::NamedArray& entry : io::read_torch_file(file).arrays) {
    if (is_marker(entry.name)) continue;
    into.push_back({fmt::format("{}{}", prefix, entry.name), std::move(entry.array)});
  }
}

Checkpoint read_torch_checkpoint(const fs::path& file) {
  Checkpoint checkpoint{.file = file};
  append_state_dict(file, "", checkpoint.arrays);
  for (const char* unit : kUnits) {
    const fs::path beside = file.parent_path() / fmt::format("{}.pth", unit);
    if (fs::exists(beside) && beside.filename() != file.filename())
      append_state_dict(beside, fmt::format("{}.", unit), checkpoint.arrays);
  }
  return checkpoint;
}

// ---- Our own ----

const std::string& entry_of(const io::Metadata& metadata, const std::string& key,
                            const fs::path& file) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    trine::fail("{} is a checkpoint without '{}': it is damaged", file.string(), key);
  return found->second;
}

Checkpoint read_safetensors_checkpoint(const fs::path& file) {
  io::Safetensors contents = io::read_safetensors(file);
  Checkpoint checkpoint{.file = file, .arrays = std::move(contents.arrays)};
  std::erase_if(checkpoint.arrays, [](const auto& entry) { return is_marker(entry.name); });

  const io::Metadata& metadata = contents.metadata;
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kFormat) return checkpoint;
  if (const std::string& version = entry_of(metadata, "version", file); version != kVersion) {
    trine::fail(
        "{} is a checkpoint of version {}, and this program reads version {}: use the "
        "program that wrote it",
        file.string(), version, kVersion);
  }
  checkpoint.config = config_from_json(entry_of(metadata, "config", file), file.string());
  checkpoint.training =
      training_state_from_json(entry_of(metadata, "training", file), file.string());
  return checkpoint;
}

// ---- Arrays and arenas ----

io::Extents extents_of(const trine::Shape& shape) { return {shape.begin(), shape.end()}; }

bool is_training_array(std::string_view name) {
  return name.starts_with("adam.") || name.starts_with("gradients.");
}

bool is_encoder_array(std::string_view name) { return name.starts_with(kTextModelPrefix); }

std::string_view unit_of(std::string_view parameter) {
  for (std::string_view unit : kUnits)
    if (parameter.starts_with(fmt::format("{}.", unit))) return unit;
  return {};
}

[[noreturn]] void fail_missing(const Checkpoint& checkpoint, const std::string& name,
                               const trine::nn::Parameter& parameter) {
  trine::fail(
      "{} has no '{}', which this model needs with shape {}: was it made with another "
      "nlevels or with other ablations? Give the configuration that it was trained with",
      checkpoint.file.string(), name, trine::to_string(parameter.shape));
}

void check_shape(const Checkpoint& checkpoint, const io::NamedArray& entry,
                 const trine::nn::Parameter& parameter) {
  if (entry.array.shape() == extents_of(parameter.shape)) return;
  trine::fail(
      "{}: the parameter '{}' has shape {}, and this model's has {}: was the checkpoint "
      "trained with another dst_feature_dim, other kernel sizes or other data?",
      checkpoint.file.string(), entry.name, io::to_string(entry.array.shape()),
      trine::to_string(parameter.shape));
}

void check_all_known(const Checkpoint& checkpoint, const trine::nn::ParameterStore& store) {
  for (const io::NamedArray& entry : checkpoint.arrays) {
    if (is_training_array(entry.name) || is_encoder_array(entry.name)) continue;
    if (store.find(entry.name)) continue;
    trine::fail(
        "{} holds '{}' {}, which this model does not have: was it made with another "
        "nlevels or with other ablations? Give the configuration that it was trained with",
        checkpoint.file.string(), entry.name, io::to_string(entry.array.shape()));
  }
}

const io::NamedArray* find_entry(const Checkpoint& checkpoint, std::string_view name) {
  const auto found = std::ranges::find(checkpoint.arrays, name, &io::NamedArray::name);
  return found == checkpoint.arrays.end() ? nullptr : &*found;
}

}  // namespace

Checkpoint read_checkpoint(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? file_in(path) : path;
  return is_torch_file(file) ? read_torch_checkpoint(file) : read_safetensors_checkpoint(file);
}

void write_checkpoint(const fs::path& file, const Config& config, const TrainingState& training,
                      const io::ArraySources& arrays) {
  io::write_safetensors(file, arrays,
                        {{"format", kFormat},
                         {"version", kVersion},
                         {"config", to_json(config)},
                         {"training", to_json(training)}});
}

bool has_encoder(const Checkpoint& checkpoint) {
  return std::ranges::any_of(checkpoint.arrays, is_encoder_array, &io::NamedArray::name);
}

io::NamedArrays encoder_arrays(const Checkpoint& checkpoint) {
  io::NamedArrays arrays;
  std::ranges::copy_if(checkpoint.arrays, std::back_inserter(arrays),
                       [](const io::NamedArray& entry) { return is_encoder_array(entry.name); });
  return arrays;
}

bool has_unit(const Checkpoint& checkpoint, std::string_view unit) {
  return std::ranges::any_of(
      checkpoint.arrays, [&](const io::NamedArray& entry) { return unit_of(entry.name) == unit; });
}

std::vector<float> arena_from(const Checkpoint& checkpoint, const trine::nn::ParameterStore& store,
                              std::string_view prefix) {
  std::vector<float> arena(static_cast<std::size_t>(store.arena_size()), 0.0f);
  for (const trine::nn::Parameter& parameter : store.parameters()) {
    const std::string name = fmt::format("{}{}", prefix, parameter.name);
    const io::NamedArray* entry = find_entry(checkpoint, name);
    if (!entry) {
      const std::string_view unit = unit_of(parameter.name);
      if (!unit.empty() && !has_unit(checkpoint, unit)) continue;
      fail_missing(checkpoint, name, parameter);
    }
    check_shape(checkpoint, *entry, parameter);
    std::ranges::copy(entry->array.to_f32(), arena.begin() + parameter.offset);
  }
  check_all_known(checkpoint, store);
  return arena;
}

void append_arena(io::ArraySources& arrays, const trine::nn::ParameterStore& store,
                  std::string_view prefix, const ReadArena& read) {
  for (const trine::nn::Parameter& parameter : store.parameters()) {
    const io::Extents shape = extents_of(parameter.shape);
    const auto make = [read, shape, offset = parameter.offset, n = parameter.size()] {
      return io::Array::from(read(offset, n), shape);
    };
    arrays.push_back(
        {fmt::format("{}{}", prefix, parameter.name), io::ElementType::f32, shape, make});
  }
}

}  // namespace dmd
