// SIGKILL at drawn moments of a training run: TRINE_FAULTS_MOMENTS=200 draws so many.

#include <cstdlib>
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/faults/disturbance.h"

namespace faults {
namespace {

constexpr int kMomentsInTheSuite = 20;

int moments() {
  const char* text = std::getenv("TRINE_FAULTS_MOMENTS");
  return text ? std::atoi(text) : kMomentsInTheSuite;
}

TEST(Killed, AtDrawnMomentsATrainingRunGoesOn) {
  Disturbance disturbance(train_on_built_in_data());
  ASSERT_EQ(disturbance.obstacle(), "");
  ASSERT_GT(moments(), 0);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> moment(0, disturbance.seconds());
  int killed = 0;
  for (int i = 0; i < moments(); ++i)
    if (disturbance.killed_after(moment(random)) == Outcome::killed) ++killed;
  // How far a run has come after a time is the machine's affair.
  EXPECT_GT(killed, 0);
  std::cout << fmt::format("{} of {} runs were killed, the others had ended\n", killed, moments());
}

}  // namespace
}  // namespace faults
