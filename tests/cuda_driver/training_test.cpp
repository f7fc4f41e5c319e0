// A training step of DMD through the driver is the emulation's, bit for bit: the same kernels, in
// whatever order the graph's edges allow.
#include "dmd/data/batches.h"
#include "dmd/train/device_model.h"
#include "tests/cuda_driver/nvrtc.h"
#include "tests/cuda_driver/stand_in.h"
#include "tests/train/small_run.h"

namespace dmd {
namespace {

using trine::Precision;

class CudaTraining : public trine::stand_in::Test {};

struct Step {
  std::vector<float> losses, gradients, parameters;

  friend bool operator==(const Step&, const Step&) = default;
};

// Two batches and an update, and nothing read before the end: everything stands in line.
Step small_step(const std::string& device, Precision precision = Precision::f32) {
  const Config config = small_run::config();
  DeviceModel model(trine::open_device(device, {.precision = precision}), config);
  model.allocate_training_state();
  model.set_arena(trine::nn::kParameters, model.parameters().initial_values(config.seed));
  for (const std::int64_t first : {0, 2}) {
    Batch batch;
    const std::int64_t rows[] = {first, first + 1};
    gather(small_run::data().train, rows, batch);
    trine::Executable& accumulate = model.accumulate(batch.size);
    feed(accumulate, batch);
    accumulate.run({.seed = config.seed, .step = static_cast<std::uint32_t>(1 + first)});
  }
  model.apply().run({.step = 1, .learning_rate = static_cast<float>(config.learning_rate)});
  return {.losses = model.accumulate(2).fetch("loss.total"),
          .gradients = model.arena(trine::nn::kGradients),
          .parameters = model.arena(trine::nn::kParameters)};
}

TEST_F(CudaTraining, GivesTheBitsOfTheEmulation) {
  for (const Precision precision : {Precision::f32, Precision::tf32})
    EXPECT_TRUE(small_step("cuda", precision) == small_step("cuda-emulated", precision))
        << name_of(precision);
}

TEST_F(CudaTraining, GivesTheSameBitsInEveryOrderThatItsGraphsAllow) {
  const Step expected = small_step("cuda-emulated");
  for (const std::uint64_t seed : {2, 3, 4, 5, 6}) {
    trine::stand_in::seed(seed);
    EXPECT_TRUE(small_step("cuda") == expected) << "seed " << seed;
  }
}

TEST_F(CudaTraining, FindsTheKernelsThatNvrtcCompiles) {
  TRINE_NEEDS_NVRTC();
  EXPECT_TRUE(small_step("cuda") == small_step("cuda-emulated"));
}

}  // namespace
}  // namespace dmd
