// A training step in TF32, in emulation: near that in f32, not equal to it, the same every time.
#include <cmath>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "tests/support/errors.h"
#include "tests/train/small_step.h"

namespace dmd {
namespace {

using trine::Precision;

struct Step {
  double loss = 0;
  std::vector<float> gradients, parameters;  // those before the step and those after

  friend bool operator==(const Step&, const Step&) = default;
};

Step small_step_in(Precision precision) {
  DeviceModel model =
      small_run::trainable(trine::open_device("cuda-emulated", {.precision = precision}));
  Step step{.loss = small_run::accumulate(model).fetch_scalar("loss.total"),
            .gradients = model.arena(trine::nn::kGradients)};
  small_run::apply(model);
  step.parameters = model.arena(trine::nn::kParameters);
  return step;
}

// Of two arenas: the length of their difference over that of the second.
double relative_distance(const std::vector<float>& actual, const std::vector<float>& expected) {
  double difference = 0, length = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(actual[i]) - expected[i], 2);
    length += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / length);
}

// Ten bits of mantissa round by 2^-11 at most, and some ten products stand one behind the other.
TEST(Tf32Training, IsNearF32AndEqualInEveryRun) {
  const Step f32 = small_step_in(Precision::f32), tf32 = small_step_in(Precision::tf32);
  EXPECT_NE(tf32.loss, f32.loss);
  EXPECT_NEAR(tf32.loss, f32.loss, 5e-3 * f32.loss);
  EXPECT_NE(tf32.gradients, f32.gradients);
  EXPECT_LT(relative_distance(tf32.gradients, f32.gradients), 0.02);
  EXPECT_NE(tf32.parameters, f32.parameters);
  EXPECT_LT(relative_distance(tf32.parameters, f32.parameters), 0.01);
  EXPECT_TRUE(small_step_in(Precision::tf32) == tf32);
}

TEST(Tf32Training, IsRefusedByOtherDevices) {
  for (const std::string device : {"cpu", "reference", "null"})
    EXPECT_EQ(error_of([&] { trine::open_device(device, {.precision = Precision::tf32}); }),
              device +
                  ": the precision tf32 was asked for, and this device computes in f32: name a "
                  "device that has tf32 (cuda), or leave the precision at f32");
}

}  // namespace
}  // namespace dmd
