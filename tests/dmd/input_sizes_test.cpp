#include "dmd/data/input_sizes.h"

#include <filesystem>
#include <fstream>

#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using ::testing::HasSubstr;

// Lists run l, a, v.
const InputSizes kSizes{.feature_dims = {16, 5, 7}, .seq_lens = {12, 15, 18}};

std::string mismatch(const Config& config, const InputSizes& sizes) {
  return error_of([&] { check_against(config, sizes); });
}

TEST(InputSizes, ComeFromASplit) {
  Split split;
  split.text = {.n = 1, .steps = 12, .width = 16, .values = {}};
  split.audio = {.n = 1, .steps = 15, .width = 5, .values = {}};
  split.vision = {.n = 1, .steps = 18, .width = 7, .values = {}};
  EXPECT_EQ(input_sizes(split), kSizes);
}

TEST(InputSizes, ZerosTakeTheDatas) {
  const Config fitted = fitted_to(default_config(), kSizes);
  EXPECT_EQ(fitted.feature_dims, kSizes.feature_dims);
  EXPECT_EQ(fitted.seq_lens, kSizes.seq_lens);
  EXPECT_NO_THROW(check_against(fitted, kSizes));
}

TEST(InputSizes, OtherWidthsOrLengthsAreNamed) {
  Config config = fitted_to(default_config(), kSizes);
  config.feature_dims[1] = 74;
  EXPECT_THAT(
      mismatch(config, kSizes),
      HasSubstr("the data's audio has 5 features per time step, the configuration says 74"));
  config = fitted_to(default_config(), kSizes);
  config.seq_lens[2] = 500;
  EXPECT_THAT(mismatch(config, kSizes),
              HasSubstr("the data's vision has 18 time steps, the configuration says 500"));
}

TEST(InputSizes, AKernelMayBeAsLongAsItsSequenceAndNoLonger) {
  Config config = default_config();
  config.settings.set("conv1d_kernel_size_a", 15);
  EXPECT_NO_THROW(check_against(config, kSizes));
  config.settings.set("conv1d_kernel_size_a", 16);
  EXPECT_THAT(mismatch(config, kSizes),
              HasSubstr("audio has 15 time steps, fewer than conv1d_kernel_size_a = 16"));
}

TEST(InputSizes, ASkippedProjectionNeedsAKernelOfOne) {
  Config config = default_config();
  config.settings.set("dst_feature_dim", 16);
  config.settings.set("nheads", 4);
  EXPECT_THAT(mismatch(config, kSizes), HasSubstr("conv1d_kernel_size_l = 5 cannot apply"));
  config.settings.set("conv1d_kernel_size_l", 1);
  EXPECT_NO_THROW(check_against(config, kSizes));
}

TEST(InputSizes, EmptyInputsAreRefused) {
  InputSizes sizes = kSizes;
  sizes.seq_lens[0] = 0;
  EXPECT_THAT(mismatch(default_config(), sizes),
              HasSubstr("text is 16 wide and 0 time steps long"));
  sizes.feature_dims[0] = 0;
  EXPECT_THAT(mismatch(default_config(), sizes),
              HasSubstr("the model reads text, and the data has none"));
}

TEST(Presets, HaveTheSizesOfTheSpecification) {
  const Config mosi = preset_config("mosi");
  EXPECT_EQ(mosi.settings.whole("dst_feature_dim"), 50);
  EXPECT_EQ(mosi.settings.whole("nheads"), 10);
  EXPECT_EQ(branch_options(mosi).kernels[Modality::vision], 5);
  EXPECT_EQ(branch_options(mosi).attention_dropout[Modality::audio], 0.2);
  EXPECT_EQ(mosi.settings.real("text_dropout"), 0.5);

  const Config mosei = preset_config("mosei");
  EXPECT_EQ(mosei.settings.whole("dst_feature_dim"), 30);
  EXPECT_EQ(mosei.settings.whole("nheads"), 6);
  EXPECT_EQ(branch_options(mosei).kernels[Modality::audio], 1);
  EXPECT_EQ(branch_options(mosei).kernels[Modality::vision], 3);
  EXPECT_EQ(branch_options(mosei).attention_dropout[Modality::language], 0.4);
  EXPECT_EQ(mosei.settings.real("embed_dropout"), 0.0);
  EXPECT_EQ(mosei.settings.real("text_dropout"), 0.3);

  EXPECT_EQ(preset_named("mosi-unaligned").standard.seq_lens, (SizeList{50, 375, 500}));
  EXPECT_EQ(preset_named("mosei-unaligned").standard.seq_lens, (SizeList{50, 500, 500}));
}

TEST(Presets, FitTheirStandardSizesAndSurviveJson) {
  for (const ModelDef* model : all_models()) {
    for (const Preset& preset : model->presets) {
      const Config config = preset_config(preset.name, model->name);
      EXPECT_NO_THROW(check_against(config, preset.standard)) << config.name;
      EXPECT_EQ(config_from_json(to_json(config), "preset"), config);
      EXPECT_EQ(config.feature_dims, SizeList{}) << "sizes must come from the data";
    }
  }
}

TEST(Presets, LoadByNameOrByFile) {
  const TemporaryFolder folder;
  write_contents(folder / "mine.json", R"({"nlevels": 1})");
  EXPECT_EQ(load_config("mosei").settings.whole("dst_feature_dim"), 30);
  EXPECT_EQ(load_config((folder / "mine.json").string()).settings.whole("nlevels"), 1);
}

TEST(Presets, AnUnknownNameSuggestsTheNearest) {
  EXPECT_EQ(error_of([] { preset_named("mosie"); }),
            "there is no configuration 'mosie' of the model dmd; did you mean 'mosei'?");
  EXPECT_EQ(
      error_of([] { load_config("mosie"); }),
      "'mosie' is neither a configuration of the model dmd nor a file; did you mean 'mosei'?");
  EXPECT_THAT(error_of([] { load_config("other.json"); }),
              HasSubstr("expected one of mosi, mosei"));
}

}  // namespace
}  // namespace dmd
