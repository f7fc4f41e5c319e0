#include "dmd/text/pretrained.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "dmd/config/json_object.h"
#include "dmd/text/encoder_folder.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/shards.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
namespace io = trine::io;

// ---- Names ----

// Buffers that old versions save with the parameters; they count 0, 1, 2, ... or are zeros.
bool is_buffer(std::string_view name) {
  return name.ends_with(".position_ids") || name.ends_with(".token_type_ids");
}

bool is_of_encoder(std::string_view name) {
  return std::ranges::any_of(std::array{"embeddings.", "encoder.", "pooler."},
                             [&](const char* part) { return name.starts_with(part); });
}

// Models around an encoder keep it under its kind.
std::string_view without_model(std::string_view name) {
  for (const std::string_view model : {"bert.", "roberta."})
    if (name.starts_with(model)) return name.substr(model.size());
  return name;
}

// The files of the first BERT models call the parameters of a layer norm as TensorFlow does.
std::string with_new_ending(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kEndings{
      {{".gamma", ".weight"}, {".beta", ".bias"}}};
  for (const auto& [old_ending, new_ending] : kEndings)
    if (name.ends_with(old_ending))
      return fmt::format("{}{}", name.substr(0, name.size() - old_ending.size()), new_ending);
  return std::string(name);
}

io::NamedArrays renamed(io::NamedArrays arrays) {
  io::NamedArrays kept;
  for (io::NamedArray& entry : arrays) {
    const std::string_view name = without_model(entry.name);
    if (!is_of_encoder(name) || is_buffer(name)) continue;
    kept.push_back(
        {fmt::format("{}{}", kTextModelPrefix, with_new_ending(name)), std::move(entry.array)});
  }
  return kept;
}

io::NamedArrays read_weights(const fs::path& file) {
  if (file.extension() == ".json") return io::read_shards(file);
  if (file.extension() == ".safetensors") return io::read_safetensors(file).arrays;
  return io::read_torch_file(file).arrays;
}

// ---- Parameters ----

bool may_be_missing(std::string_view parameter) {
  return parameter.starts_with(fmt::format("{}pooler.", kTextModelPrefix));
}

bool is_real(io::ElementType type) {
  using enum io::ElementType;
  return type == f16 || type == bf16 || type == f32 || type == f64;
}

// An embedding that was padded for faster products, by a program that kept the number of words.
std::string remedy(const io::NamedArray& entry, const io::Extents& expected) {
  const io::Extents& shape = entry.array.shape();
  const bool is_padded = entry.name.ends_with(".word_embeddings.weight") && shape.size() == 2 &&
                         shape[1] == expected[1] && shape[0] > expected[0];
  return is_padded ? fmt::format(
                         "if its vocabulary is padded, write \"vocab_size\": {} into "
                         "config.json",
                         shape[0])
                   : "they are not of one model";
}

void put(const io::NamedArray& entry, std::string_view source,
         const trine::nn::Parameter& parameter, std::vector<float>& arena) {
  const io::Extents expected{parameter.shape.begin(), parameter.shape.end()};
  if (entry.array.shape() != expected)
    trine::fail("{}: '{}' has shape {}, and config.json makes it {}: {}", source, entry.name,
                io::to_string(entry.array.shape()), io::to_string(expected),
                remedy(entry, expected));
  if (!is_real(entry.array.type()))
    trine::fail("{}: '{}' is of {}, and weights are f16, bf16, f32 or f64", source, entry.name,
                io::name_of(entry.array.type()));
  std::ranges::copy(entry.array.to_f32(), arena.begin() + parameter.offset);
}

}  // namespace

EncoderConfig read_encoder_config(const fs::path& folder, TextEncoder asked) {
  const fs::path file = folder / "config.json";
  if (!fs::exists(file))
    trine::fail("{} is no folder of a text encoder: there is no config.json in it",
                folder.string());
  const io::SharedBytes bytes = io::map_file(file);
  return encoder_config_from(parsed_object(io::text_of(bytes.view), file.string()), file.string(),
                             asked);
}

Config with_text_model(Config config) {
  if (config.text_encoder == TextEncoder::none || config.text_model) return config;
  config.text_model =
      config.text_encoder_path.empty()
          ? standard_encoder(config.text_encoder)
          : read_encoder_config(encoder_folder_of(config.text_encoder_path), config.text_encoder);
  if (config.text_model->kind != config.text_encoder)
    trine::fail("{} holds a {} encoder and text_encoder is {}: set text_encoder={}",
                config.text_encoder_path, name_of(config.text_model->kind),
                name_of(config.text_encoder), name_of(config.text_model->kind));
  return config;
}

// The first that is there counts, as in transformers.
io::NamedArrays read_encoder_weights(const fs::path& folder) {
  for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                           "pytorch_model.bin.index.json"})
    if (fs::exists(folder / name)) return renamed(read_weights(folder / name));
  trine::fail(
      "{} holds no weights: there is neither model.safetensors nor pytorch_model.bin, nor an index "
      "(.index.json) of either",
      folder.string());
}

void put_encoder_weights(const io::NamedArrays& weights, std::string_view source,
                         const trine::nn::ParameterStore& store, std::vector<float>& arena) {
  for (const io::NamedArray& entry : weights) {
    const trine::nn::Parameter* parameter = store.find(entry.name);
    if (!parameter)
      trine::fail(
          "{} holds '{}' {}, which config.json leaves no place for: they are not of one model",
          source, entry.name, io::to_string(entry.array.shape()));
    put(entry, source, *parameter, arena);
  }
  for (const trine::nn::Parameter& parameter : store.parameters()) {
    const std::string& name = parameter.name;
    if (name.starts_with(kTextModelPrefix) && !may_be_missing(name) && !find(weights, name))
      trine::fail("{} has no '{}', which its config.json asks for with shape {}", source, name,
                  trine::to_string(parameter.shape));
  }
}

}  // namespace dmd
