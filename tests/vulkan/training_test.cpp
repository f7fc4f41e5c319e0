// DMD trained on a Vulkan device by the program's own trainer.
#include <algorithm>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "tests/train/small_run.h"
#include "tests/vulkan/device_present.h"

namespace dmd {
namespace {

Ending train(const RunFolder& folder) {
  const Dataset data = small_run::data();
  DeviceModel model(trine::open_device("vulkan"), small_run::config());
  Trainer trainer = Trainer::begin(model, data, folder);
  return small_run::run(trainer);
}

std::vector<double> column(const Table& table, const std::string& name) {
  const auto at = std::ranges::find(table.columns, name) - table.columns.begin();
  std::vector<double> values;
  for (const auto& row : table.rows)
    values.push_back(std::stod(row.at(static_cast<std::size_t>(at))));
  return values;
}

// Three epochs of five batches, the last of each epoch short, with gradients of two batches to a
// step; a checkpoint and a validation after each.
TEST(VulkanTraining, LearnsAndEqualSeedsGiveEqualBits) {
  TRINE_NEEDS_VULKAN();
  const TemporaryFolder scratch;
  const RunFolder once{scratch / "once"}, again{scratch / "again"};
  EXPECT_EQ(train(once), Ending::all_epochs);
  EXPECT_EQ(train(again), Ending::all_epochs);
  const std::vector<double> losses = column(small_run::history(once), "total");
  ASSERT_EQ(losses.size(), 3u);
  EXPECT_LT(losses.back(), 0.9 * losses.front());
  EXPECT_EQ(small_run::measurements(once), small_run::measurements(again));
  EXPECT_EQ(small_run::arrays_of(once.last()), small_run::arrays_of(again.last()));
}

// The total loss of each of 50 training steps on one batch.
std::vector<double> curve_on(const std::string& device, const Config& config) {
  DeviceModel model(trine::open_device(device), config);
  model.allocate_training_state();
  model.set_arena(trine::nn::kParameters, model.parameters().initial_values(config.seed));
  Batch batch;
  const std::int64_t rows[] = {0, 1, 2, 3};
  gather(small_run::data().train, rows, batch);
  trine::Executable& accumulate = model.accumulate(batch.size);
  feed(accumulate, batch, config);
  std::vector<double> curve;
  for (std::uint32_t step = 1; step <= 50; ++step) {
    accumulate.run({.seed = config.seed, .step = step});
    curve.push_back(accumulate.fetch_scalar("loss.total"));
    model.apply().run({.step = step, .learning_rate = static_cast<float>(config.learning_rate)});
  }
  return curve;
}

// A step of Adam is about as long as the learning rate in every coordinate, however small the
// gradient: where a gradient is nothing but rounding, two devices may step apart by twice the rate.
// At 1e-4, the preset's rate, fifty such steps stay far below the limit; at larger ones they would
// measure Adam and not the device.
TEST(VulkanTraining, FollowsTheProcessorsCurveWithDropout) {
  TRINE_NEEDS_VULKAN();
  Config config = small_run::config();
  config.learning_rate = 1e-4;
  ASSERT_GT(config.settings.real("attn_dropout"), 0);
  ASSERT_GT(config.settings.real("output_dropout"), 0);
  const std::vector<double> expected = curve_on("cpu", config);
  const std::vector<double> actual = curve_on("vulkan", config);
  EXPECT_NE(expected.front(), expected.back());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], 1e-3 * expected[i]) << "step " << i + 1;
}

}  // namespace
}  // namespace dmd
