// Allocations fail at drawn positions (TRINE_FAULTS=all: more of them), once each and from one on
// for good, as where memory runs out.

#include <cerrno>
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/faults/disturbance.h"

namespace faults {
namespace {

// The half of the draws lies among the first allocations, from which the command line is read.
void fail_drawn_allocations(Command command, int draws) {
  const std::string name = command.name;
  Disturbance disturbance(std::move(command));
  const std::int64_t all = disturbance.log().allocations;
  ASSERT_GT(all, 100);
  std::mt19937_64 random(1);
  Tally tally;
  for (int i = 0; i < (takes_all() ? 10 * draws : draws); ++i) {
    const auto among = static_cast<std::uint64_t>(i % 2 == 0 ? all : std::min(all, all / 10 + 100));
    const Fault fault{
        .call = {.kind = "allocation", .path = ""},
        .nth = static_cast<std::int64_t>(1 + random() % among),
        .how = {.text = fmt::format("{}{}", i % 4 < 2 ? "" : "on:", ENOMEM), .error = ENOMEM}};
    tally.add("allocation", disturbance.with(fault));
  }
  std::cout << tally.text(name);
}

TEST(Allocations, OfTraining) { fail_drawn_allocations(train_new_run(), 60); }
TEST(Allocations, OfResuming) { fail_drawn_allocations(resume_run(), 40); }
TEST(Allocations, OfPredict) { fail_drawn_allocations(predict_to_csv(), 30); }
TEST(Allocations, OfConvert) { fail_drawn_allocations(convert_features(), 30); }
TEST(Allocations, OfExport) { fail_drawn_allocations(export_to_onnx(), 20); }
TEST(Allocations, OfEval) { fail_drawn_allocations(evaluate(), 20); }

}  // namespace
}  // namespace faults
