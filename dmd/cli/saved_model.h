// A checkpoint and the split that it is to work on: what `eval` and `predict` have in common.
#pragma once

#include <string>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/cli/command.h"
#include "dmd/train/device_model.h"

namespace dmd::cli {

struct ModelOptions {
  std::string checkpoint, config, data, split = "test", device;
  int threads = 0;
};

void add_model_options(CLI::App* command, ModelOptions& options);

class SavedModel {
 public:
  explicit SavedModel(const ModelOptions& options);

  DeviceModel& model() { return model_; }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  const Split& split() const { return data_.split(split_); }

 private:
  std::string split_;
  Checkpoint checkpoint_;
  Dataset data_;
  DeviceModel model_;
};

}  // namespace dmd::cli
