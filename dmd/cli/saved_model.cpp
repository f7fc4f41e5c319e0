#include "dmd/cli/saved_model.h"
#include "dmd/cli/checks.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "dmd/data/classes.h"
#include "dmd/data/feature_file.h"
#include "dmd/data/labelled.h"
#include "dmd/data/lengths.h"
#include "dmd/data/missing.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/runtime/inference.h"
#include "dmd/text/encoder_input.h"

namespace dmd::cli {
namespace {

// A configuration with the settings of this command line. It scores on a device of its own, so the
// precision of the training does not come along.
Config to_score(Config config, const ModelOptions& options, const Checkpoint& checkpoint) {
  config.precision = trine::Precision::f32;
  config = usage([&] { return with_settings(config, options.settings); });
  return with_encoder_found(std::move(config), folder_of(checkpoint), note);
}

// "choose --split train (1284 utterances) or valid (229)".
std::string other_splits(const Dataset& data) {
  std::string there;
  for (const char* name : kSplitNames)
    if (const std::int64_t size = data.split(name).size(); size > 0)
      there += fmt::format("{}{} ({} utterances)", there.empty() ? "choose --split " : " or ", name,
                           size);
  return there;
}

Split asked_for(const ModelOptions& options, const Config& config,
                const std::filesystem::path& run) {
  if (!options.text.text.empty()) return split_of_text(options.text, config, options.data, run);
  Dataset data = load_new_videos(options.data, config);
  Split split = std::move(data.split(options.split));
  number_classes(split, config);
  if (split.size() == 0)
    trine::fail("{} has no {} split: {}", options.data, options.split, other_splits(data));
  give_tokens(std::array{&split}, config, options.data, run, note);
  if (!options.skip_unlabelled) return split;
  if (const std::int64_t unlabelled = count_unlabelled(split); unlabelled > 0) {
    note(fmt::format("left out: {} of {} utterances of the {} split, which have no label",
                     unlabelled, split.size(), options.split));
    return labelled_part(split);
  }
  return split;
}

bool is_dropped(const ModelOptions& options, Modality m) {
  return std::ranges::find(options.dropped, name_of(m)) != options.dropped.end();
}

Split prepared_split(const ModelOptions& options, const Checkpoint& checkpoint,
                     const Config& config, std::shared_ptr<trine::Backend> backend) {
  Split split = asked_for(options, config, folder_of(checkpoint));
  for (const std::string& change : fit_lengths(split, config)) note(change);
  encode_text(split, checkpoint, config, std::move(backend));
  for (const Modality m : kModalities)
    if (is_dropped(options, m)) drop(split, m, config);
  return split;
}

void check_model(const ModelOptions& options, const Checkpoint& checkpoint) {
  const std::string& model = checkpoint.config->model;
  if (!options.model.empty() && options.model != model)
    trine::fail("{} is a checkpoint of the model {}, and --model says {}: leave --model out",
                checkpoint.file.string(), model, options.model);
}

}  // namespace

Checkpoint read_with_settings(const ModelOptions& options) {
  Checkpoint checkpoint = read_checkpoint(options.checkpoint);
  if (!checkpoint.config) return checkpoint;
  check_model(options, checkpoint);
  checkpoint.config = to_score(*checkpoint.config, options, checkpoint);
  return checkpoint;
}

Config config_of(const ModelOptions& options, const Checkpoint& checkpoint) {
  if (!options.model.empty()) usage([&] { return &find_model(options.model); });
  std::optional<Config> given;
  if (!options.config.empty())
    given = to_score(load_noted_config(options.config, options.model), options, checkpoint);
  return inference_config(checkpoint, given);
}

void add_checkpoint_options(Command command, ModelOptions& options) {
  command
      .add_option("--checkpoint", options.checkpoint,
                  "Checkpoint or run folder of ours, or PyTorch state dict of the authors' program "
                  "(of DMD, homo.pth and hetero.pth are read from beside it)")
      .required();
  add_model(command, options.model);
  command.add_option("--config", options.config,
                     "Configuration, a name or a file, for a checkpoint that brings none (.pth)");
  command
      .add_option("--set", options.settings,
                  "key=value of the configuration, such as text_encoder_path=DIR")
      .one_value_each_time();
}

void add_model_options(Command command, ModelOptions& options) {
  add_checkpoint_options(command, options);
  command
      .add_option("--drop", options.dropped,
                  "Modalities to do without: text, audio, vision; zeros stand in their place")
      .split_at(',')
      .check(one_of({"text", "audio", "vision"}));
  add_data(command, options.data);
  add_split(command, options.split);
  add_device(command, options.device);
  add_threads(command, options.threads);
}

void add_text_options(Command command, ModelOptions& options) {
  const Option data = command.option("--data");
  data.required(false);
  const Option text = command.add_option(
      "--text", options.text.text,
      "Score this sentence, with a model that has a text encoder; audio and vision are absent");
  command
      .add_option("--sample", options.text.sample,
                  "Take its audio and vision from the utterance of this id in --data")
      .needs(text)
      .needs(data);
}

void note_left_out(const Checkpoint& checkpoint, const std::vector<OutputInfo>& outputs) {
  const std::vector<OutputInfo> there = outputs_in(checkpoint, outputs);
  for (const OutputInfo& output : outputs)
    if (std::ranges::find(there, output.name, &OutputInfo::name) == there.end())
      note(fmt::format("{} holds no parameters called {}*, so {} is left out",
                       checkpoint.file.string(), output.needs, output.name));
}

ModelOptions of_seed(ModelOptions options, const SeedRun& run) {
  if (options.data == kStandardInput)
    throw UsageError(
        "--data -: several seeds read the data more than once, and standard input comes once: "
        "give a file");
  options.checkpoint = run.folder.string();
  return options;
}

SavedModel::SavedModel(const ModelOptions& options)
    : checkpoint_(read_with_settings(options)),
      config_(config_of(options, checkpoint_)),
      backend_(open_backend(options.device,
                            {.threads = options.threads, .precision = config_.precision})),
      split_(prepared_split(options, checkpoint_, config_, backend_)),
      model_(load_model(checkpoint_, config_, input_sizes(split_), backend_)) {}

}  // namespace dmd::cli
