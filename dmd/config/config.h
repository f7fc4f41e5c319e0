// What a training run is configured with: the model's sizes, its dropout rates and the rules of
// training. Keys in files and in `--set key=value` are the member names below, which are those of
// the authors' program where it has one; fields.h lists them with their ranges and meanings.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backends/precision.h"
#include "dmd/config/encoder_config.h"
#include "dmd/config/modality.h"

namespace dmd {

// How the model computes where the authors' program and their paper part.
enum class Variant { reference, paper };

std::string_view name_of(Variant variant);

// One number a modality in the order of configuration lists: l, a, v.
using SizeList = std::array<std::int64_t, 3>;

// The defaults are those of the preset `mosi`.
struct Config {
  std::string name = "custom";
  Variant variant = Variant::reference;

  // The model. d is dst_feature_dim; sizes of 0 are taken from the data.
  std::int64_t dst_feature_dim = 50;
  std::int64_t nheads = 10;
  std::int64_t nlevels = 4;
  std::int64_t conv1d_kernel_size_l = 5;
  std::int64_t conv1d_kernel_size_a = 5;
  std::int64_t conv1d_kernel_size_v = 5;
  double attn_dropout = 0.3;
  double attn_dropout_a = 0.2;
  double attn_dropout_v = 0.0;
  double relu_dropout = 0.0;
  double embed_dropout = 0.2;
  double res_dropout = 0.0;
  double output_dropout = 0.5;
  double text_dropout = 0.5;
  SizeList feature_dims{};
  SizeList seq_lens{};

  // The text encoder in front of the model, its folder, and whether it is trained along or its
  // features are computed once. Its sizes are those of the folder; text_encoder/pretrained.h reads
  // them.
  TextEncoder text_encoder = TextEncoder::none;
  std::string text_encoder_path;
  bool use_finetune = true;
  std::optional<EncoderConfig> text_model;

  // Ablations: false leaves the part out.
  bool decoupling = true;
  bool homo_distillation = true;
  bool hetero_distillation = true;
  bool cross_attention = true;

  // Training.
  std::int64_t batch_size = 16;
  double learning_rate = 1e-4;
  double text_encoder_learning_rate = 0.0;
  double grad_clip = 0.6;
  std::int64_t update_epochs = 10;
  std::int64_t patience = 5;
  std::int64_t early_stop = 10;
  double factor = 0.5;
  std::int64_t epochs = 200;
  std::uint64_t seed = 1111;
  std::string passes;

  // How the training device computes. Not a property of the model: what scores a checkpoint has a
  // precision of its own.
  trine::Precision precision = trine::Precision::f32;

  // Whether programs of the model hold the encoder, and read tokens where they else read features.
  bool trains_encoder() const { return text_model.has_value() && use_finetune; }

  // The values that belong to one modality.
  std::int64_t kernel_size(Modality m) const;
  std::int64_t feature_dim(Modality m) const { return feature_dims[config_slot(m)]; }
  std::int64_t seq_len(Modality m) const { return seq_lens[config_slot(m)]; }
  double attention_dropout(Modality m) const;  // of the modality that supplies keys and values

  friend bool operator==(const Config&, const Config&) = default;
};

// Reads the JSON text of to_json(), in which any key may be missing (it keeps its default), or the
// {"config": {...}} of a golden fixture, whose other top-level keys are not ours and are passed
// over. `where` begins every error: the file's name. Throws trine::Error for text that is not a
// JSON object, an unknown key, a value of another type or out of range.
Config config_from_json(std::string_view text, std::string_view where);
Config read_config(const std::filesystem::path& file);

// Every key, in the order of the table, and `text_model` where there is one: its sizes.
std::string to_json(const Config& config);

// Applies "key=value" settings in order and checks the outcome, so that settings which only fit
// together (width and heads) may come one after the other.
Config with_settings(Config config, std::span<const std::string> settings);

// The same model with every dropout rate 0, the encoder's too, as the golden numbers were made.
Config without_dropout(Config config);

// A line a key: its name, its value in `defaults` and its meaning.
std::string describe_keys(const Config& defaults);

}  // namespace dmd
