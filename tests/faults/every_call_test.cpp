// Each system call of a command fails in turn (disturbance.h): TRINE_FAULTS=all takes every call.

#include <iostream>

#include <gmock/gmock.h>

#include "tests/faults/disturbance.h"

namespace faults {
namespace {

void fail_each_call(Command command) {
  const std::string name = command.name;
  Disturbance disturbance(std::move(command));
  if (!disturbance.obstacle().empty()) GTEST_SKIP() << disturbance.obstacle();
  const std::vector<Fault> all = faults_of(disturbance.log());
  ASSERT_FALSE(all.empty());
  Tally tally;
  for (const Fault& fault : all) tally.add(fault.call.kind, disturbance.with(fault));
  std::cout << tally.text(name);
}

TEST(EveryCall, OfTraining) { fail_each_call(train_new_run()); }
TEST(EveryCall, OfTrainingSeveralSeeds) { fail_each_call(train_several_seeds()); }
TEST(EveryCall, OfResuming) { fail_each_call(resume_run()); }
TEST(EveryCall, OfPredict) { fail_each_call(predict_to_csv()); }
TEST(EveryCall, OfRepresentations) { fail_each_call(represent_to_npz()); }
TEST(EveryCall, OfConvert) { fail_each_call(convert_features()); }
TEST(EveryCall, OfExport) { fail_each_call(export_to_onnx()); }
TEST(EveryCall, OfEval) { fail_each_call(evaluate()); }
TEST(EveryCall, OfFillingTheKernelCache) { fail_each_call(predict_filling_a_kernel_cache()); }
TEST(EveryCall, OfReadingTheKernelCache) { fail_each_call(predict_from_a_kernel_cache()); }

}  // namespace
}  // namespace faults
