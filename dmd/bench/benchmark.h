// Times a model's programs on a device: `dmd bench`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "dmd/config/config.h"
#include "dmd/runtime/device_model.h"

namespace dmd {

enum class BenchMode {
  train,  // a batch's gradients and an optimizer step after it
  infer,  // predictions
};

struct BenchResult {
  std::vector<double> milliseconds;  // of each timed step, in order
  std::int64_t launches = 0;         // of one step
  std::int64_t waves = 0;            // of one step: stretches of launches between two barriers
  std::int64_t arena_bytes = 0;      // workspace of the larger program
  double gflop = 0;                  // of one step
};

struct LaunchCost {
  std::string kernel, scope;
  double milliseconds = 0, gflop = 0;
};

// A model with the inputs of one random batch on a device, ready to step.
class Benchmark {
 public:
  // The configuration knows its input sizes.
  Benchmark(std::shared_ptr<trine::Backend> backend, Config config, BenchMode mode,
            std::int64_t batch);

  // Runs `warmup` steps, then `steps` timed ones. Inputs are uploaded in every step.
  BenchResult run(int warmup, int steps);

  // The time of every launch of a step, the median of several profiled runs.
  std::vector<LaunchCost> profile();

 private:
  void step();
  std::vector<trine::Executable*> programs();

  DeviceModel model_;
  BenchMode mode_;
  std::int64_t batch_size_;
  Batch batch_;
  std::uint32_t steps_done_ = 0;
};

// Largest resident memory of this process so far, in bytes; 0 where the system does not say.
std::int64_t peak_memory();

}  // namespace dmd
