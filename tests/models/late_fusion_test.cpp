// The baseline: what it adds up, what it clips, and which time steps it looks at.
#include <cmath>

#include <gmock/gmock.h>

#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "engine/evaluate.h"
#include "tests/models/run_in_double.h"

namespace dmd {
namespace {

using trine::Graph;

constexpr std::int64_t kBatch = 3;

Config small() {
  Config config = without_dropout(preset_config("tiny", "late_fusion"));
  config.feature_dims = {5, 4, 3};
  config.seq_lens = {6, 7, 5};
  return config;
}

double norm(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

TEST(LateFusion, AddsUpTheErrorsOfItsFourHeads) {
  const Ran ran = run_accumulate(small(), kBatch);
  EXPECT_NEAR(ran["loss.total"],
              ran["loss.fused"] + ran["loss.head_l"] + ran["loss.head_v"] + ran["loss.head_a"],
              1e-12);
  const auto error_of_head = [&](const char* name) {
    double sum = 0;
    for (std::size_t i = 0; i < kBatch; ++i)
      sum += std::abs(ran.fetched.at(name).values[i] - ran.bindings.inputs.at("labels").values[i]);
    return sum / kBatch;
  };
  EXPECT_NEAR(ran["loss.fused"], error_of_head("output"), 1e-7);
  EXPECT_NEAR(ran["loss.head_v"], error_of_head("logit_v"), 1e-7);
}

TEST(LateFusion, ClipsTheNormOfAllGradientsTogether) {
  Config config = small();
  config.grad_clip = 1e30;
  const auto gradients = [&] {
    return run_accumulate(config, kBatch).bindings.states.at(trine::nn::kGradients);
  };
  const std::vector<double> whole = gradients();
  config.grad_clip = norm(whole) / 4;
  const std::vector<double> clipped = gradients();
  EXPECT_NEAR(norm(clipped), norm(whole) / 4, 1e-6 * norm(whole));
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(clipped[i], whole[i] / 4, 1e-6);
  config.grad_clip = norm(whole) * 4;
  EXPECT_THAT(gradients(), testing::Pointwise(testing::DoubleNear(1e-9), whole));
}

// Vision has 5 steps, which a kernel of 3 makes 3.
TEST(LateFusion, AveragesTheStepsAtTheEnd) {
  Config config = small();
  const auto answer = [&](std::int64_t steps) {
    config.settings.set("pooled_steps", steps);
    return run_accumulate(config, kBatch)["logit_v"];
  };
  EXPECT_NE(answer(1), answer(2));
  EXPECT_NE(answer(2), answer(3));
  EXPECT_EQ(answer(3), answer(4));
  EXPECT_EQ(answer(3), answer(0));
}

}  // namespace
}  // namespace dmd
