// A training step of DMD through the driver is the emulation's, bit for bit: the same kernels, in
// whatever order the graph's edges allow.
#include "tests/cuda_driver/nvrtc.h"
#include "tests/cuda_driver/stand_in.h"
#include "tests/train/small_step.h"

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
  DeviceModel model = small_run::trainable(trine::open_device(device, {.precision = precision}));
  for (const std::int64_t first : {0, 2}) small_run::accumulate(model, first);
  small_run::apply(model);
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
