#include "dmd/cli/saved_model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dmd/config/presets.h"
#include "dmd/data/missing.h"
#include "dmd/train/inference.h"

namespace dmd::cli {
namespace {

// A configuration with the settings of this command line. It scores on a device of its own, so the
// precision of the training does not come along.
Config to_score(Config config, const ModelOptions& options) {
  config.precision = trine::Precision::f32;
  return usage([&] { return with_settings(config, options.settings); });
}

Split asked_for(const ModelOptions& options, const Config& config) {
  if (!options.text.text.empty()) return split_of_text(options.text, config, options.data);
  Dataset data = load_data(options.data);
  return std::move(data.split(options.split));
}

std::unique_ptr<trine::Backend> open_for(const ModelOptions& options, const Config& config) {
  return open_backend(options.device, {.threads = options.threads, .precision = config.precision});
}

bool is_dropped(const ModelOptions& options, Modality m) {
  return std::ranges::find(options.dropped, name_of(m)) != options.dropped.end();
}

Split prepared_split(const ModelOptions& options, const Checkpoint& checkpoint,
                     const std::optional<Config>& given) {
  const Config config = inference_config(checkpoint, given);
  Split split = asked_for(options, config);
  encode_text(split, checkpoint, config, [&] { return open_for(options, config); });
  for (const Modality m : kModalities)
    if (is_dropped(options, m)) drop(split, m);
  return split;
}

}  // namespace

Checkpoint read_with_settings(const ModelOptions& options) {
  Checkpoint checkpoint = read_checkpoint(options.checkpoint);
  if (checkpoint.config) checkpoint.config = to_score(*checkpoint.config, options);
  return checkpoint;
}

std::optional<Config> given_config(const ModelOptions& options) {
  if (options.config.empty()) return std::nullopt;
  return to_score(load_config(options.config), options);
}

void add_checkpoint_options(CLI::App* command, ModelOptions& options) {
  command
      ->add_option(
          "--checkpoint", options.checkpoint,
          "Checkpoint or run folder of ours, or PyTorch state dict of the authors' program "
          "(homo.pth and hetero.pth are read from beside it)")
      ->required();
  command->add_option("--config", options.config,
                      "Configuration, a name or a file, for a checkpoint that brings none (.pth)");
  command
      ->add_option("--set", options.settings,
                   "key=value of the configuration, such as text_encoder_path=DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_model_options(CLI::App* command, ModelOptions& options) {
  add_checkpoint_options(command, options);
  command
      ->add_option("--drop", options.dropped,
                   "Modalities to do without: text, audio, vision; zeros stand in their place")
      ->delimiter(',')
      ->check(CLI::IsMember({"text", "audio", "vision"}));
  add_data(command, options.data);
  add_split(command, options.split);
  add_device(command, options.device);
  add_threads(command, options.threads);
}

void add_text_options(CLI::App* command, ModelOptions& options) {
  CLI::Option* data = command->get_option("--data");
  data->required(false);
  CLI::Option* text = command->add_option(
      "--text", options.text.text,
      "Score this sentence, with a model that has a text encoder; audio and vision are absent");
  command
      ->add_option("--sample", options.text.sample,
                   "Take its audio and vision from the utterance of this id in --data")
      ->needs(text)
      ->needs(data);
}

SavedModel::SavedModel(const ModelOptions& options)
    : checkpoint_(read_with_settings(options)),
      given_(given_config(options)),
      split_(prepared_split(options, checkpoint_, given_)),
      model_(load_model(checkpoint_, given_, input_sizes(split_),
                        open_for(options, given_ ? *given_ : *checkpoint_.config))) {}

}  // namespace dmd::cli
