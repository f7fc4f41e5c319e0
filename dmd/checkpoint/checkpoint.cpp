#include "dmd/checkpoint/checkpoint.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dmd/checkpoint/finite.h"
#include "dmd/config/config_json.h"
#include "dmd/models/configuration.h"
#include "dmd/models/registry.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
namespace io = trine::io;

constexpr const char* kFormat = "dmd.checkpoint";
constexpr const char* kVersion = "1";

// ---- Which files a path stands for ----

fs::path file_in(const fs::path& folder) {
  for (const char* name : {"best.safetensors", "last.safetensors", "model.pth"})
    if (fs::exists(folder / name)) return folder / name;
  if (fs::exists(folder / "seeds.json"))
    trine::fail("{} holds runs of several seeds: name one of them, {}/seed-N", folder.string(),
                folder.string());
  trine::fail("{} holds no checkpoint: there is no best.safetensors, last.safetensors or model.pth",
              folder.string());
}

// ---- PyTorch state dicts ----

// What programs keep with their parameters; nothing is computed from it.
bool is_buffer(std::string_view name) {
  if (name.ends_with(".position_ids") || name.ends_with(".token_type_ids")) return true;
  return std::ranges::any_of(all_models(), [&](const ModelDef* model) {
    return std::ranges::any_of(model->foreign.buffers,
                               [&](std::string_view ending) { return name.ends_with(ending); });
  });
}

void append_state_dict(const fs::path& file, std::string_view prefix, io::NamedArrays& into) {
  for (io::NamedArray& entry : io::read_torch_file(file).arrays) {
    if (is_buffer(entry.name)) continue;
    into.push_back({fmt::format("{}{}", prefix, entry.name), std::move(entry.array)});
  }
}

// Stems of the files that any model's parameters may be spread over.
std::vector<std::string_view> companions() {
  std::vector<std::string_view> all;
  for (const ModelDef* model : all_models())
    for (const std::string_view stem : model->foreign.companions)
      if (std::ranges::find(all, stem) == all.end()) all.push_back(stem);
  return all;
}

Checkpoint read_torch_checkpoint(const fs::path& file) {
  Checkpoint checkpoint{.file = file};
  append_state_dict(file, "", checkpoint.arrays);
  for (const std::string_view stem : companions()) {
    const fs::path beside = file.parent_path() / fmt::format("{}.pth", stem);
    if (fs::exists(beside) && beside.filename() != file.filename())
      append_state_dict(beside, fmt::format("{}.", stem), checkpoint.arrays);
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
  std::erase_if(checkpoint.arrays, [](const auto& entry) { return is_buffer(entry.name); });

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
  checkpoint.training = entry_of(metadata, "training", file);
  return checkpoint;
}

// ---- Arrays and arenas ----

io::Extents extents_of(const trine::Shape& shape) { return {shape.begin(), shape.end()}; }

bool is_encoder_array(std::string_view name) { return name.starts_with(kTextModelPrefix); }

const io::NamedArray* find_entry(const Checkpoint& checkpoint, std::string_view name) {
  const auto found = std::ranges::find(checkpoint.arrays, name, &io::NamedArray::name);
  return found == checkpoint.arrays.end() ? nullptr : &*found;
}

bool holds_any(const Checkpoint& checkpoint, std::string_view prefix) {
  return std::ranges::any_of(checkpoint.arrays, [&](const io::NamedArray& entry) {
    return entry.name.starts_with(prefix);
  });
}

// Whether the parameter is of a companion file that the checkpoint was read without.
bool is_of_absent_companion(const Checkpoint& checkpoint, const Declaration& declared,
                            std::string_view parameter) {
  return std::ranges::any_of(declared.model->foreign.companions, [&](std::string_view stem) {
    const std::string prefix = fmt::format("{}.", stem);
    return parameter.starts_with(prefix) && !holds_any(checkpoint, prefix);
  });
}

// What to do about parameters that do not fit: another model, where the file holds what tells that
// one from this, else another configuration of this one.
std::string remedy(const Checkpoint& checkpoint, const Declaration& declared,
                   std::string_view otherwise) {
  const auto holds = [&](const ModelDef& model) {
    const std::string_view telltale = model.foreign.telltale;
    return !telltale.empty() && find_entry(checkpoint, telltale);
  };
  for (const ModelDef* other : all_models()) {
    if (other == declared.model || !holds(*other)) continue;
    if (holds(*declared.model) && declared.store.find(other->foreign.telltale)) continue;
    return fmt::format("it looks like a checkpoint of the model {}, and this is {}: say --model {}",
                       other->name, declared.model->name, other->name);
  }
  return std::string(otherwise);
}

constexpr std::string_view kOtherParts =
    "was it made with another nlevels or with other ablations? Give the configuration that it was "
    "trained with";
constexpr std::string_view kOtherSizes =
    "was the checkpoint trained with another width, other kernel sizes or other data?";

[[noreturn]] void fail_missing(const Checkpoint& checkpoint, const Declaration& declared,
                               const std::string& name, const trine::nn::Parameter& parameter) {
  trine::fail("{} has no '{}', which this model needs with shape {}: {}", checkpoint.file.string(),
              name, trine::to_string(parameter.shape), remedy(checkpoint, declared, kOtherParts));
}

void check_shape(const Checkpoint& checkpoint, const Declaration& declared,
                 const io::NamedArray& entry, const trine::nn::Parameter& parameter) {
  if (entry.array.shape() == extents_of(parameter.shape)) return;
  trine::fail("{}: the parameter '{}' has shape {}, and this model's has {}: {}",
              checkpoint.file.string(), entry.name, io::to_string(entry.array.shape()),
              trine::to_string(parameter.shape), remedy(checkpoint, declared, kOtherSizes));
}

void check_all_known(const Checkpoint& checkpoint, const Declaration& declared) {
  for (const io::NamedArray& entry : checkpoint.arrays) {
    if (is_training_array(entry.name) || is_encoder_array(entry.name)) continue;
    if (declared.store.find(entry.name)) continue;
    trine::fail("{} holds '{}' {}, which this model does not have: {}", checkpoint.file.string(),
                entry.name, io::to_string(entry.array.shape()),
                remedy(checkpoint, declared, kOtherParts));
  }
}

}  // namespace

bool is_training_array(std::string_view name) {
  return name.starts_with("adam.") || name.starts_with("gradients.");
}

Checkpoint read_checkpoint(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? file_in(path) : path;
  return io::is_torch_file(file) ? read_torch_checkpoint(file) : read_safetensors_checkpoint(file);
}

fs::path folder_of(const Checkpoint& checkpoint) {
  return fs::absolute(checkpoint.file).lexically_normal().parent_path();
}

void write_checkpoint(const fs::path& file, const Config& config, std::string training,
                      const io::ArraySources& arrays) {
  io::write_safetensors(file, arrays,
                        {{"format", kFormat},
                         {"version", kVersion},
                         {"config", to_json(config)},
                         {"training", std::move(training)}});
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

std::vector<OutputInfo> outputs_in(const Checkpoint& checkpoint,
                                   const std::vector<OutputInfo>& outputs) {
  std::vector<OutputInfo> there;
  std::ranges::copy_if(outputs, std::back_inserter(there), [&](const OutputInfo& output) {
    return output.needs.empty() || holds_any(checkpoint, output.needs);
  });
  return there;
}

std::vector<float> arena_from(const Checkpoint& checkpoint, const Declaration& declared,
                              std::string_view prefix) {
  std::vector<float> arena(static_cast<std::size_t>(declared.store.arena_size()), 0.0f);
  for (const trine::nn::Parameter& parameter : declared.store.parameters()) {
    const std::string name = fmt::format("{}{}", prefix, parameter.name);
    const io::NamedArray* entry = find_entry(checkpoint, name);
    if (!entry) {
      if (is_of_absent_companion(checkpoint, declared, parameter.name)) continue;
      fail_missing(checkpoint, declared, name, parameter);
    }
    check_shape(checkpoint, declared, *entry, parameter);
    std::ranges::copy(entry->array.to_f32(), arena.begin() + parameter.offset);
  }
  check_all_known(checkpoint, declared);
  if (const std::string what = not_finite(declared.store, arena); !what.empty())
    trine::fail("{}: {}{}: the run that wrote it had diverged; take an earlier checkpoint",
                checkpoint.file.string(), prefix, what);
  return arena;
}

void append_arena(io::ArraySources& arrays, const trine::nn::ParameterStore& store,
                  std::string_view prefix, const ReadArena& read, const Keep& keep) {
  for (const trine::nn::Parameter& parameter : store.parameters()) {
    if (keep && !keep(parameter)) continue;
    const io::Extents shape = extents_of(parameter.shape);
    const auto make = [read, shape, offset = parameter.offset, n = parameter.size()] {
      return io::Array::from(read(offset, n), shape);
    };
    arrays.push_back(
        {fmt::format("{}{}", prefix, parameter.name), io::ElementType::f32, shape, make});
  }
}

bool is_published(const Declaration& declared, const Config& config,
                  const trine::nn::Parameter& parameter) {
  const bool of_companion = std::ranges::any_of(
      declared.model->foreign.companions,
      [&](std::string_view stem) { return parameter.name.starts_with(fmt::format("{}.", stem)); });
  return !of_companion || rate_of(parameter, config) > 0;
}

}  // namespace dmd
