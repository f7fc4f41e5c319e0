#include "dmd/cli/saved_model.h"

#include <optional>

#include "dmd/config/presets.h"

namespace dmd::cli {
namespace {

std::optional<Config> given_config(const std::string& name_or_file) {
  if (name_or_file.empty()) return std::nullopt;
  return load_config(name_or_file);
}

}  // namespace

void add_model_options(CLI::App* command, ModelOptions& options) {
  command
      ->add_option(
          "--checkpoint", options.checkpoint,
          "Checkpoint or run folder of ours, or PyTorch state dict of the authors' program "
          "(homo.pth and hetero.pth are read from beside it)")
      ->required();
  command->add_option("--config", options.config,
                      "Configuration, a name or a file, for a checkpoint that brings none (.pth)");
  add_data(command, options.data);
  add_split(command, options.split);
  add_device(command, options.device);
  add_threads(command, options.threads);
}

SavedModel::SavedModel(const ModelOptions& options)
    : split_(options.split),
      checkpoint_(read_checkpoint(options.checkpoint)),
      data_(load_data(options.data)),
      model_(load_model(checkpoint_, given_config(options.config), input_sizes(split()),
                        open_backend(options.device, options.threads))) {}

}  // namespace dmd::cli
