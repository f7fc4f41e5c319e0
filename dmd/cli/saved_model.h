// A checkpoint and the split that it is to work on: what `eval` and `predict` have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/cli/command.h"
#include "dmd/cli/one_text.h"
#include "dmd/cli/seed_runs.h"
#include "dmd/runtime/device_model.h"

namespace dmd::cli {

struct ModelOptions {
  std::string checkpoint, model, config, data, split = "test", device;
  int threads = 0;
  bool skip_unlabelled = false;
  std::vector<std::string> settings, dropped;
  TextOptions text;  // an utterance of its own, in place of a split
};

// --checkpoint, --model, --config and --set alone.
void add_checkpoint_options(Command command, ModelOptions& options);

void add_model_options(Command command, ModelOptions& options);

// Flags of commands that take an utterance from the command line too.
void add_text_options(Command command, ModelOptions& options);

// The checkpoint with the settings in the configuration that it brings. Throws trine::Error if that
// is of another model than --model says.
Checkpoint read_with_settings(const ModelOptions& options);

// inference_config() of the checkpoint with --config, to which the settings are applied.
Config config_of(const ModelOptions& options, const Checkpoint& checkpoint);

// Says on standard error which outputs the checkpoint lacks the parameters of.
void note_left_out(const Checkpoint& checkpoint, const std::vector<OutputInfo>& outputs);

// The options for one of several seeds. Throws UsageError where the data come on standard input,
// which can be read once.
ModelOptions of_seed(ModelOptions options, const SeedRun& run);

class SavedModel {
 public:
  explicit SavedModel(const ModelOptions& options);

  DeviceModel& model() { return model_; }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  // Its text is what the model reads, and what was dropped is zero.
  const Split& split() const { return split_; }

 private:
  Checkpoint checkpoint_;
  Config config_;
  std::shared_ptr<trine::Backend> backend_;
  Split split_;
  DeviceModel model_;
};

}  // namespace dmd::cli
