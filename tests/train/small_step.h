// An optimizer step of the small model on any device, program by program: what devices are compared
// by.
#pragma once

#include <memory>
#include <utility>

#include "dmd/data/batches.h"
#include "dmd/runtime/device_model.h"
#include "tests/train/small_run.h"

namespace small_run {

// A model that has its first parameters and can train.
inline DeviceModel trainable(std::unique_ptr<trine::Backend> backend) {
  DeviceModel model(std::move(backend), config());
  model.allocate_training_state();
  model.set_arena(trine::nn::kParameters, model.parameters().initial_values(config().seed));
  return model;
}

// Adds the gradients of the two utterances from `first` on; returns the program, whose losses can
// be fetched.
inline trine::Executable& accumulate(DeviceModel& model, std::int64_t first = 0) {
  dmd::Batch batch;
  const std::int64_t rows[] = {first, first + 1};
  dmd::gather(data().train, rows, batch);
  trine::Executable& program = model.accumulate(batch.size);
  dmd::feed(program, batch, config());
  program.run({.seed = config().seed, .step = static_cast<std::uint32_t>(1 + first)});
  return program;
}

inline void apply(DeviceModel& model) {
  model.apply().run({.step = 1, .learning_rate = static_cast<float>(config().learning_rate)});
}

}  // namespace small_run
