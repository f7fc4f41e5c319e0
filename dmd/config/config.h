// What a run is configured with: which model, the model's own keys, the sizes of its inputs, the
// text encoder in front of it and the rules of training. Keys in files and in `--set key=value` are
// the member names below, which are those of the authors' programs where they have one; fields.h
// lists them, and a model's table (models/model_def.h) its own.
//
// This room knows no model. What reads configurations is models/configuration.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/precision.h"
#include "dmd/config/encoder_config.h"
#include "dmd/config/modality.h"
#include "dmd/config/modality_set.h"
#include "dmd/config/nonfinite.h"
#include "dmd/config/settings.h"
#include "dmd/config/task.h"

namespace dmd {

// One number per modality in the order of configuration lists: l, a, v.
using SizeList = std::array<std::int64_t, 3>;

struct Config {
  std::string name = "custom";
  std::string model;
  Settings settings;  // a value for each key of the model

  // What the model reads; what is left out of it is in no program of it.
  ModalitySet modalities = ModalitySet::all();
  // Sizes of 0 are taken from the data.
  SizeList feature_dims{};
  SizeList seq_lens{};

  // What becomes of NaN, infinite or absurdly large features, where a file is read for this run.
  Nonfinite nonfinite = Nonfinite::refuse;
  // What is learnt, and how it is scored. The classes of Task::classification stand in the order of
  // their logits; empty: taken from the data, sorted.
  Task task = Task::regression;
  std::vector<std::string> classes;
  MetricSet metrics = MetricSet::mosi;

  // The text encoder in front of the model, its folder, and whether it is trained along or its
  // features are computed once. Its sizes are those of the folder; text/pretrained.h reads them.
  TextEncoder text_encoder = TextEncoder::none;
  std::string text_encoder_path;
  bool use_finetune = true;
  std::optional<EncoderConfig> text_model;

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
  std::string init;  // the checkpoint that a run starts from; empty: its parameters are drawn
  std::string passes;

  // How the training device computes. Not a property of the model: what scores a checkpoint has a
  // precision of its own.
  trine::Precision precision = trine::Precision::f32;

  // Whether programs of the model hold the encoder, and read tokens where they else read features.
  bool trains_encoder() const { return text_model.has_value() && use_finetune; }
  bool reads(Modality m) const { return modalities.contains(m); }

  // How many numbers an answer has: sentiment, or a logit for each class, or one of no and one of
  // yes for each emotion. 0 where the classes are not known yet.
  std::int64_t answer_width() const;

  // The values that belong to one modality.
  std::int64_t feature_dim(Modality m) const { return feature_dims[config_slot(m)]; }
  std::int64_t seq_len(Modality m) const { return seq_lens[config_slot(m)]; }

  friend bool operator==(const Config&, const Config&) = default;
};

// The same model with every dropout rate 0, the encoder's too, as golden numbers were made. Rates
// are the keys with "dropout" in their names.
Config without_dropout(Config config);

// "mosi (dmd, reference)": its name, its model, and the variant of it where there are several.
std::string title_of(const Config& config);

}  // namespace dmd
