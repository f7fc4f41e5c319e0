#include "dmd/checkpoint/start.h"

#include <filesystem>
#include <limits>

#include <gmock/gmock.h>

#include "dmd/models/presets.h"
#include "engine/io/safetensors.h"
#include "tests/support/arena_arrays.h"
#include "tests/support/errors.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

namespace io = trine::io;
using dmd::Checkpoint;
using dmd::Declaration;
using dmd::error_of;
using dmd::Start;
using dmd::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Config tiny(std::string_view model, const std::vector<std::string>& settings = {}) {
  return dmd::with_settings(
      dmd::fitted_to(dmd::preset_config("tiny", model), dmd::input_sizes(data().train)), settings);
}

// A file with the model's first parameters.
Checkpoint drawn(const Config& config, std::uint64_t seed = 5) {
  const Declaration declared = dmd::declare(config);
  return {.file = "some.pth",
          .config = {},
          .training = {},
          .arrays = dmd::arrays_of(declared.store, "", declared.store.initial_values(seed))};
}

TEST(Start, TakesAllOfAnotherModelThatHasTheSameNames) {
  const Checkpoint of_dmd = drawn(tiny("dmd"));
  const Declaration dhmd = dmd::declare(tiny("dhmd"));
  const Start start = start_from(of_dmd, dhmd);
  EXPECT_THAT(start.taken, SizeIs(of_dmd.arrays.size()));
  EXPECT_THAT(start.missing, SizeIs(102));  // what DHMD has more
  EXPECT_THAT(start.misfits, IsEmpty());
  EXPECT_THAT(start.unused, IsEmpty());
  EXPECT_THAT(
      start.summary(of_dmd),
      AllOf(HasSubstr(fmt::format("starts from some.pth: {} of {} parameters taken; 102 not "
                                  "in it: ",
                                  of_dmd.arrays.size(), of_dmd.arrays.size() + 102)),
            HasSubstr(" and 99 more")));
}

TEST(Start, LeavesWhatTheModelHasNot) {
  const Checkpoint of_dhmd = drawn(tiny("dhmd"));
  const Start start = start_from(of_dhmd, dmd::declare(tiny("dmd")));
  EXPECT_THAT(start.missing, IsEmpty());
  EXPECT_THAT(start.unused, SizeIs(102));
  EXPECT_THAT(start.summary(of_dhmd), HasSubstr("102 of its own not used: "));
}

// MulT's output reads less than DMD's: those layers have other shapes and are drawn.
TEST(Start, NamesWhatIsOfAnotherShape) {
  const Checkpoint of_mult = drawn(tiny("mult"));
  const Start start = start_from(of_mult, dmd::declare(tiny("dmd")));
  EXPECT_THAT(start.misfits, testing::Contains("out_layer.weight"));
  EXPECT_THAT(start.summary(of_mult), HasSubstr(" of another shape: "));
}

TEST(Start, PutsValuesWhereTheirParametersAre) {
  const Config config = tiny("dhmd");
  const Declaration declared = dmd::declare(config);
  std::vector<float> arena = declared.store.initial_values(6);
  start_from(drawn(config), declared).put_into(arena, declared.store);
  EXPECT_EQ(arena, declared.store.initial_values(5));
}

TEST(Start, RefusesAnotherWidth) {
  const Checkpoint wide = drawn(tiny("dmd", {"dst_feature_dim=24"}));
  EXPECT_THAT(error_of([&] { start_from(wide, dmd::declare(tiny("dhmd"))); }),
              AllOf(HasSubstr("some.pth: "), HasSubstr("are of another shape, '"),
                    HasSubstr("give it the configuration of that one")));
}

TEST(Start, RefusesWhatHasNothingForTheModel) {
  const Checkpoint other{.file = "other.pth",
                         .config = {},
                         .training = {},
                         .arrays = {{"fc.weight", io::Array::from(std::vector<float>{1}, {1})}}};
  EXPECT_EQ(error_of([&] { start_from(other, dmd::declare(tiny("dhmd"))); }),
            "other.pth has no parameter of the model dhmd: a run starts from a checkpoint that "
            "shares some with it");
}

TEST(Start, RefusesWhatIsNotFinite) {
  Checkpoint diverged = drawn(tiny("dmd"));
  io::Array& array = diverged.arrays.front().array;
  std::vector<float> values = array.to_f32();
  values.back() = std::numeric_limits<float>::quiet_NaN();
  array = io::Array::from(values, array.shape());
  EXPECT_THAT(error_of([&] { start_from(diverged, dmd::declare(tiny("dmd"))); }),
              AllOf(HasSubstr("holds nan"), HasSubstr("had diverged")));
}

TEST(Start, BeginsARun) {
  const TemporaryFolder folder;
  Config config = tiny("dhmd");
  config.init = (folder / "dmd.safetensors").string();
  const Checkpoint of_dmd = drawn(tiny("dmd"));
  io::write_safetensors(config.init, of_dmd.arrays);
  const Dataset dataset = data();
  DeviceModel on_device = model(config);
  const Trainer trainer = Trainer::begin(on_device, dataset, {folder / "run"});
  EXPECT_THAT(trainer.origin(), HasSubstr("102 not in it"));
  std::vector<float> expected = on_device.parameters().initial_values(config.seed);
  start_from(of_dmd, on_device.declared()).put_into(expected, on_device.parameters());
  EXPECT_EQ(on_device.arena(trine::nn::kParameters), expected);
}

TEST(Start, LeavesNoFolderWhereTheFileDoesNotServe) {
  const TemporaryFolder folder;
  Config config = tiny("dhmd");
  config.init = (folder / "absent.pth").string();
  const Dataset dataset = data();
  DeviceModel on_device = model(config);
  EXPECT_THAT(error_of([&] { Trainer::begin(on_device, dataset, {folder / "run"}); }),
              HasSubstr("absent.pth"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

}  // namespace
}  // namespace small_run
