// A training step of DMD under the sanitizer: launches of one stage share an arena, and none may
// touch what another of its stage writes.
#include <gtest/gtest.h>

#include "tests/cuda_sanitizer/machine.h"
#include "tests/train/small_step.h"

namespace dmd {
namespace {

TEST(CudaSanitizer, NothingIsFoundInATrainingStep) {
  DeviceModel model = small_run::trainable(trine::sanitizer::make_backend());
  EXPECT_GT(small_run::accumulate(model).fetch_scalar("loss.total"), 0);
  small_run::apply(model);
}

}  // namespace
}  // namespace dmd
