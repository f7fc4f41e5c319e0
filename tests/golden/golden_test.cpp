// The authors' program, number by number: see dmd/verify/verify.h.
#include <filesystem>
#include <tuple>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "dmd/models/programs.h"
#include "dmd/verify/fixture.h"
#include "dmd/verify/training.h"
#include "dmd/verify/verify.h"
#include "engine/io/safetensors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

// Numbers of our own making, from the authors' program: see its README.
std::filesystem::path fixture_folder(const std::string& name) {
  return std::filesystem::path(TRINE_SOURCE_DIR) / "tests/golden/data" / name;
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

// A folder, and settings on top of its configuration.
struct Folder {
  std::string name;
  std::vector<std::string> settings;

  std::string words() const {
    std::string words = name;
    for (const std::string& setting : settings) words += "_" + setting;
    return words;
  }
  friend void PrintTo(const Folder& folder, std::ostream* stream) { *stream << folder.words(); }
};

class GoldenOn : public testing::TestWithParam<std::tuple<Folder, Device>> {};

TEST_P(GoldenOn, Device) {
  const auto& [fixture, device] = GetParam();
  trine::Session session(trine::open_device(device.name), trine::PassOptions::parse(device.passes));
  const Tolerances tolerances = device.name == "reference" ? kTight : Tolerances{};
  expect_agreement(verify(fixture_folder(fixture.name), session, tolerances, fixture.settings),
                   tolerances);
}

std::string test_name(std::string words) {
  for (char& c : words)
    if (c == '-' || c == '.' || c == '=') c = '_';
  return words;
}

std::string name_of_case(const testing::TestParamInfo<std::tuple<Folder, Device>>& info) {
  const auto& [fixture, device] = info.param;
  return test_name(fixture.words() + "_" + device.name + "_" + device.passes);
}

INSTANTIATE_TEST_SUITE_P(
    Devices, GoldenOn,
    testing::Combine(testing::Values(Folder{"dmd_small", {}}, Folder{"mult_small", {}},
                                     Folder{"dhmd_small", {}},
                                     Folder{"dhmd_small", {"variant=figure"}}),
                     testing::Values(Device{"reference", "all"}, Device{"reference", "none"},
                                     Device{"cpu", "all"}, Device{"cpu", "none"},
                                     Device{"cuda-emulated", "all"})),
    name_of_case);

// The emulation takes half a minute for these four layers, which differ from mult_small's by a
// head.
INSTANTIATE_TEST_SUITE_P(FastDevices, GoldenOn,
                         testing::Combine(testing::Values(Folder{"mult_emotion", {}}),
                                          testing::Values(Device{"reference", "all"},
                                                          Device{"cpu", "all"},
                                                          Device{"cpu", "none"})),
                         name_of_case);

// ---- That numbers are compared at all ----

struct Wrong {
  std::string value;  // the one that is a tenth too large
  GroupError VerifyReport::*group;

  friend void PrintTo(const Wrong& wrong, std::ostream* stream) { *stream << wrong.value; }
};

class Golden : public testing::TestWithParam<Wrong> {};

void enlarge(const std::filesystem::path& file, const std::string& name) {
  trine::io::NamedArrays arrays = trine::io::read_safetensors(file).arrays;
  for (trine::io::NamedArray& entry : arrays) {
    if (entry.name != name) continue;
    std::vector<float> values = entry.array.to_f32();
    for (float& value : values) value *= 1.1f;
    entry.array = trine::io::Array::from(values, entry.array.shape());
  }
  trine::io::write_safetensors(file, arrays);
}

TEST_P(Golden, NumbersThatAreWrongAreNoticed) {
  const TemporaryFolder copy;
  std::filesystem::copy(fixture_folder("mult_small"), copy.path());
  enlarge(copy / "expected.safetensors", GetParam().value);
  trine::Session session(trine::open_device("cpu"));
  const VerifyReport report = verify(copy.path(), session);
  EXPECT_FALSE(report.passed);
  EXPECT_EQ((report.*GetParam().group).worst, GetParam().value);
  EXPECT_NEAR((report.*GetParam().group).largest, 0.1 / 1.1, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(OfMult, Golden,
                         testing::Values(Wrong{"forward.trans_v_mem", &VerifyReport::forward},
                                         Wrong{"alt.no_mask.output_logit", &VerifyReport::forward},
                                         Wrong{"alt.aonly.output_logit", &VerifyReport::forward},
                                         Wrong{"alt.lonly.loss", &VerifyReport::loss},
                                         Wrong{"alt.vonly.grad_norm", &VerifyReport::grad},
                                         Wrong{"chunk.loss", &VerifyReport::loss},
                                         Wrong{"chunk.grad_norm", &VerifyReport::grad},
                                         Wrong{"grad_norm.model", &VerifyReport::grad},
                                         Wrong{"train.grad_norms", &VerifyReport::train}),
                         [](const auto& param) { return test_name(param.param.value); });

// ---- A run that rounding decides ----

// Where f32 may go another way than the fixture, what double precision makes of parameters moved by
// a rounding is right too, and nothing else is.
TEST(RoundedRun, IsFoundAmongThoseOfMovedParametersAlone) {
  const Fixture fixture = read_fixture(fixture_folder("mult_small"));
  const Declaration declared = declare(fixture.config);
  const std::vector<float> start = arena_from(fixture.parameters, declared);
  constexpr double kTolerance = Tolerances{}.train;
  TrainingRun run = expected_run(fixture);
  const RoundedRun found = find_rounded_run(fixture, start, run, kTolerance, 2);
  EXPECT_TRUE(found.found);
  EXPECT_LE(found.error.largest, kTolerance);
  EXPECT_FALSE(found.meaning.empty());
  run.curve[0].back() *= 1.01;
  EXPECT_FALSE(find_rounded_run(fixture, start, run, kTolerance, 2).found);
}

// Runs in double excuse nothing where they are not the fixture's: that is another model.
TEST(RoundedRun, IsNotLookedForWhereTheExactRunIsWrong) {
  Fixture fixture = read_fixture(fixture_folder("mult_small"));
  const Declaration declared = declare(fixture.config);
  const std::vector<float> start = arena_from(fixture.parameters, declared);
  const trine::Session exact(trine::open_device("reference"));
  fixture.config.settings.set("attn_mask", false);
  const TrainingRun got = train_run(fixture, exact, start);
  EXPECT_FALSE(find_rounded_run(fixture, start, got, Tolerances{}.train).found);
}

}  // namespace
}  // namespace dmd
