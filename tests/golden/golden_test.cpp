// The authors' program, number by number: see dmd/verify/verify.h.
#include <filesystem>

#include <algorithm>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "dmd/verify/verify.h"

namespace dmd {
namespace {

// Numbers of our own making, from the authors' program: see its README.
std::filesystem::path fixture_folder() {
  return std::filesystem::path(TRINE_SOURCE_DIR) / "tests/golden/data/dmd_small";
}

void expect_agreement(const VerifyReport& report, const Tolerances& tolerances) {
  EXPECT_LE(report.forward.largest, tolerances.forward) << report.forward.worst;
  EXPECT_LE(report.loss.largest, tolerances.loss) << report.loss.worst;
  EXPECT_LE(report.grad.largest, tolerances.grad) << report.grad.worst;
  EXPECT_LE(report.train.largest, tolerances.train) << report.train.worst;
  EXPECT_TRUE(report.passed);
}

// In double precision what remains is the f32 rounding of constants here and of tables there.
constexpr Tolerances kTight{.forward = 1e-6, .loss = 1e-6, .grad = 1e-6, .train = 1e-5};

// A device, and the passes that its programs go through.
struct Device {
  std::string name, passes;

  friend void PrintTo(const Device& device, std::ostream* stream) {
    *stream << device.name << " with passes " << device.passes;
  }
};

class GoldenOn : public testing::TestWithParam<Device> {};

TEST_P(GoldenOn, Device) {
  trine::Session session(trine::open_device(GetParam().name),
                         trine::PassOptions::parse(GetParam().passes));
  const Tolerances tolerances = GetParam().name == "reference" ? kTight : Tolerances{};
  expect_agreement(verify(fixture_folder(), session, tolerances), tolerances);
}

INSTANTIATE_TEST_SUITE_P(Devices, GoldenOn,
                         testing::Values(Device{"reference", "all"}, Device{"reference", "none"},
                                         Device{"cpu", "all"}, Device{"cpu", "none"},
                                         Device{"cuda-emulated", "all"}),
                         [](const auto& param) {
                           std::string name = param.param.name + "_" + param.param.passes;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace dmd
