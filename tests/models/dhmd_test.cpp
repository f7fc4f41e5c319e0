// What is DHMD's own: what learns, at which rates, and what stands still.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "backends/cpu/cpu.h"
#include "dmd/data/synthetic.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/registry.h"
#include "dmd/train/trainer.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

TEST(Dhmd, KeepsUnitsStillAndTrainsDictionariesAtTheirRate) {
  const auto groups = find_model("dhmd").groups(preset_config("tiny", "dhmd"));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].prefix, "homo_dict.");
  EXPECT_DOUBLE_EQ(groups[0].rate, 1.0);  // 1e-3 over tiny's 1e-3
  EXPECT_EQ(groups[2].rate, 0.0);
  EXPECT_EQ(groups[3].rate, 0.0);
}

struct Epoch {
  std::vector<trine::nn::Parameter> parameters;
  std::vector<float> before, after;
};

Epoch train_an_epoch(const RunFolder& folder, const std::string& variant) {
  const Dataset data =
      make_synthetic({.train = 16, .valid = 6, .test = 6, .widths = {6, 5, 4}, .steps = {5, 6, 7}})
          .data;
  Config config = fitted_to(preset_config("tiny", "dhmd"), input_sizes(data.train));
  config.settings.set("variant", variant);
  config.epochs = 1;
  DeviceModel model(trine::make_cpu_backend(1), config);
  Trainer trainer = Trainer::begin(model, data, folder);
  const auto& parameters = model.parameters().parameters();
  Epoch epoch{.parameters = {parameters.begin(), parameters.end()},
              .before = model.arena(trine::nn::kParameters),
              .after = {}};
  std::ostringstream out;
  Progress progress(out, {});
  trainer.run([] { return false; }, progress);
  epoch.after = model.arena(trine::nn::kParameters);
  return epoch;
}

// Names of the parameters that an epoch left as they were drawn.
std::set<std::string> unmoved(const std::string& variant) {
  const TemporaryFolder folder;
  const Epoch epoch = train_an_epoch({folder / "run"}, variant);
  std::set<std::string> names;
  for (const trine::nn::Parameter& parameter : epoch.parameters) {
    const auto from = epoch.before.begin() + parameter.offset;
    if (std::equal(from, from + parameter.size(), epoch.after.begin() + parameter.offset))
      names.insert(parameter.name);
  }
  return names;
}

// What the losses do not reach, weight and bias of each layer.
std::set<std::string> unreached(const std::vector<std::string>& heads) {
  std::set<std::string> names;
  const auto add_layer = [&](const std::string& name) {
    names.insert(name + ".weight");
    names.insert(name + ".bias");
  };
  for (const char m : {'l', 'v', 'a'}) {
    names.insert(fmt::format("proj_cosine_{}.weight", m));
    names.insert(fmt::format("proj_cosine_{}.bias", m));
    for (const std::string& head : heads)
      for (const char* stem : {"proj1", "proj2", "out_layer"})
        add_layer(fmt::format("{}_{}_{}", stem, m, head));
  }
  for (const char* dictionary : {"homo_dict", "hetero_dict"})
    for (const char* scale : {"logit_scale", "logit_scale_sd"})
      names.insert(fmt::format("{}.{}", dictionary, scale));
  return names;
}

TEST(Dhmd, LeavesWhatGetsNoGradientAsItIs) {
  std::set<std::string> names = unmoved("figure");
  // They add the same to all edges of a softmax, so what moves them is rounding, or nothing.
  for (const char* unit : {"homo", "hetero"}) names.erase(fmt::format("{}.W_edge.bias", unit));
  EXPECT_THAT(names, testing::ContainerEq(unreached({"low_dict", "high_sd"})));
}

TEST(Dhmd, AlsoLeavesItsUnitsAsTheyStart) {
  std::set<std::string> expected = unreached({"low", "high_sd"});
  const Declaration declared = declare([] {
    Config config = preset_config("tiny", "dhmd");
    config.feature_dims = {6, 5, 4};
    config.seq_lens = {5, 6, 7};
    return config;
  }());
  for (const trine::nn::Parameter& parameter : declared.store.parameters())
    if (parameter.name.starts_with("homo.") || parameter.name.starts_with("hetero."))
      expected.insert(parameter.name);
  EXPECT_THAT(unmoved("reference"), testing::ContainerEq(expected));
}

// The program saves no unit either. Runs that go on need all parameters.
TEST(Dhmd, SavesUnitsForOthersOnlyWhereTheyLearn) {
  for (const bool learn : {false, true}) {
    const TemporaryFolder folder;
    const RunFolder run{folder / "run"};
    train_an_epoch(run, learn ? "figure" : "reference");
    const auto holds = [](const std::filesystem::path& file, const std::string& name) {
      return find(read_checkpoint(file).arrays, name) != nullptr;
    };
    for (const char* unit : {"homo", "hetero"}) {
      const std::string name = fmt::format("{}.W_edge.weight", unit);
      EXPECT_EQ(holds(run.best(), name), learn);
      EXPECT_EQ(holds(run.best(), "adam.m." + name), learn);
      EXPECT_TRUE(holds(run.last(), name));
    }
    EXPECT_TRUE(holds(run.best(), "homo_dict.space_dict"));
  }
}

}  // namespace
}  // namespace dmd
