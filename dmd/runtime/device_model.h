// A model on a device: its parameters there, and its programs, each compiled for a batch size when
// that size first comes and kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "backends/session.h"
#include "dmd/checkpoint/checkpoint.h"
#include "dmd/config/config.h"
#include "dmd/data/batches.h"
#include "dmd/models/programs.h"
#include "engine/nn/parameters.h"

namespace dmd {

class DeviceModel {
 public:
  // The configuration knows its input sizes; its `passes` say how programs are optimized. All
  // parameters are zero.
  DeviceModel(std::shared_ptr<trine::Backend> backend, Config config);

  const Config& config() const { return config_; }
  const Declaration& declared() const { return declared_; }
  const trine::nn::ParameterStore& parameters() const { return declared_.store; }
  trine::Session& session() { return session_; }

  // Makes the arenas of gradients and moments, all zero, which accumulate() and apply() need.
  void allocate_training_state();

  // A whole arena by its name (nn::kParameters, ...), in the layout of parameters().
  std::vector<float> arena(const char* name) const;
  void set_arena(const char* name, const std::vector<float>& values);

  // The programs of models/programs.h. Throw trine::Error that says which batch would fit where
  // the device's memory does not suffice for this one.
  trine::Executable& accumulate(std::int64_t batch);
  trine::Executable& predict(std::int64_t batch);
  trine::Executable& represent(std::int64_t batch);
  trine::Executable& apply();

 private:
  using ByBatchSize = std::map<std::int64_t, trine::Executable>;

  Config config_;
  Declaration declared_;
  trine::Session session_;
  ByBatchSize accumulate_, predict_, represent_;
  std::unique_ptr<trine::Executable> apply_;
};

// Uploads the inputs of accumulate() or predict(), of the modalities that the model reads: tokens
// where the batch has no text features.
void feed(trine::Executable& program, const Batch& batch, const Config& config);

}  // namespace dmd
