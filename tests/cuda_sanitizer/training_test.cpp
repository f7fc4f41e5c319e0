// A training step of DMD under the sanitizer: launches of one stage share an arena, and none may
// touch what another of its stage writes.
#include <gtest/gtest.h>

#include "dmd/data/batches.h"
#include "dmd/train/device_model.h"
#include "tests/cuda_sanitizer/machine.h"
#include "tests/train/small_run.h"

namespace dmd {
namespace {

TEST(CudaSanitizer, NothingIsFoundInATrainingStep) {
  const Config config = small_run::config();
  DeviceModel model(trine::sanitizer::make_backend(), config);
  model.allocate_training_state();
  model.set_arena(trine::nn::kParameters, model.parameters().initial_values(config.seed));
  Batch batch;
  const std::int64_t rows[] = {0, 1};
  gather(small_run::data().train, rows, batch);
  trine::Executable& accumulate = model.accumulate(batch.size);
  feed(accumulate, batch);
  accumulate.run({.seed = config.seed, .step = 1});
  EXPECT_GT(accumulate.fetch_scalar("loss.total"), 0);
  model.apply().run({.step = 1, .learning_rate = static_cast<float>(config.learning_rate)});
}

}  // namespace
}  // namespace dmd
