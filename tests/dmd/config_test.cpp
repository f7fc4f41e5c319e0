#include "dmd/config/config.h"

#include <limits>
#include <set>
#include <vector>

#include "dmd/config/fields.h"
#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/configuration.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Lines = std::vector<std::string>;

Config with(const Lines& settings) { return with_settings(default_config(), settings); }

std::string setting_error(const std::string& setting) {
  return error_of([&] { with({setting}); });
}

std::string json_error(std::string_view text) {
  return error_of([&] { config_from_json(text, "my.json"); });
}

// A configuration in which no field has its default.
Config all_changed() {
  return with({"name=a \"quoted\" name",
               "variant=paper",
               "dst_feature_dim=24",
               "nheads=3",
               "nlevels=2",
               "conv1d_kernel_size_l=1",
               "conv1d_kernel_size_a=2",
               "conv1d_kernel_size_v=3",
               "attn_dropout=0.11",
               "attn_dropout_a=0.12",
               "attn_dropout_v=0.13",
               "relu_dropout=0.14",
               "embed_dropout=0.15",
               "res_dropout=0.16",
               "output_dropout=0.17",
               "text_dropout=0.18",
               "feature_dims=16,5,7",
               "seq_lens=12,15,18",
               "nonfinite=zero",
               "init=other.safetensors",
               "modalities=text,vision",
               "text_encoder=roberta",
               "text_encoder_path=some/folder",
               "use_finetune=false",
               "decoupling=false",
               "homo_distillation=false",
               "hetero_distillation=false",
               "cross_attention=false",
               "distillation_weight=0.06",
               "decoupling_weight=0.2",
               "separation_weight=0.3",
               "margin=0.25",
               "edge_temperature=4",
               "prior_temperature=0.5",
               "homo_prior=1,0,0,0.5,0,-1",
               "hetero_prior=[1, 0, 0, 0, 0, 2]",
               "edge_reg_weight=5",
               "representation_weight=6",
               "batch_size=8",
               "learning_rate=0.1",
               "text_encoder_learning_rate=0.01",
               "grad_clip=1.5",
               "update_epochs=2",
               "patience=0",
               "early_stop=3",
               "factor=0.25",
               "epochs=7",
               "seed=18446744073709551615",
               "passes=simplify,fuse",
               "precision=tf32",
               "task=emotion",
               "metrics=mult"});
}

TEST(Config, EveryFieldSurvivesWritingAndReading) {
  const Config config = all_changed();
  const Config defaults = default_config();
  for (const Field& field : fields()) {
    if (field.name == "model" || field.name == "classes") continue;  // of one task alone: below
    std::visit([&](auto member) { EXPECT_NE(config.*member, defaults.*member) << field.name; },
               field.member);
  }
  for (const Key& key : defaults.settings.keys())
    EXPECT_NE(config.settings.value(key.name), key.standard) << key.name;
  EXPECT_EQ(config_from_json(to_json(config), "written"), config);
}

TEST(Config, SizesOfAnEncoderSurviveWritingAndReading) {
  Config config = with({"text_encoder=bert", "text_encoder_path=bert-base-uncased"});
  config.text_model = standard_encoder(TextEncoder::bert);
  config.text_model->num_hidden_layers = 3;
  config.text_model->layer_norm_eps = 1e-9;
  EXPECT_EQ(config_from_json(to_json(config), "written"), config);
  EXPECT_TRUE(config.trains_encoder());

  // Another folder has sizes of its own.
  EXPECT_TRUE(with_settings(config, Lines{"use_finetune=false"}).text_model);
  EXPECT_FALSE(with_settings(config, Lines{"text_encoder_path=other"}).text_model);
  EXPECT_EQ(without_dropout(config).text_model->hidden_dropout_prob, 0);
}

TEST(Config, EncodersAreTwoAndNeedToBeNamed) {
  EXPECT_THAT(setting_error("text_encoder=gpt"), HasSubstr("none, bert or roberta"));
  EXPECT_THAT(setting_error("text_encoder_path=folder"), HasSubstr("text_encoder is none"));
}

TEST(Config, DefaultsSurviveWritingAndReading) {
  EXPECT_EQ(config_from_json(to_json(default_config()), "written"), default_config());
}

TEST(Config, MissingKeysKeepTheirDefaults) {
  Config expected = default_config();
  expected.settings.set("nlevels", 2);
  EXPECT_EQ(config_from_json(R"({"nlevels": 2})", "my.json"), expected);
}

TEST(Config, ReadsTheShapeOfGoldenFixtures) {
  const Config config = config_from_json(R"({
      "config": {"dst_feature_dim_nheads": [20, 4], "feature_dims": [16, 5, 7],
                 "lens": [12, 15, 18], "nlevels": 2, "conv1d_kernel_size_l": 5,
                 "conv1d_kernel_size_a": 3, "conv1d_kernel_size_v": 1},
      "batch_size": 6, "lr": 0.001, "unused_parameters": ["x"]})",
                                         "fixture");
  EXPECT_EQ(config.settings.whole("dst_feature_dim"), 20);
  EXPECT_EQ(config.settings.whole("nheads"), 4);
  EXPECT_EQ(config.feature_dims, (SizeList{16, 5, 7}));
  EXPECT_EQ(config.seq_lens, (SizeList{12, 15, 18}));
  EXPECT_EQ(config.batch_size, default_config().batch_size);  // not the model's configuration
}

TEST(Config, ModalitiesFindTheirOwnPlaceInLists) {
  const Config config = all_changed();  // lists run l, a, v
  EXPECT_EQ(branch_options(config).kernels[Modality::language], 1);
  EXPECT_EQ(branch_options(config).kernels[Modality::audio], 2);
  EXPECT_EQ(branch_options(config).kernels[Modality::vision], 3);
  EXPECT_EQ(config.feature_dim(Modality::audio), 5);
  EXPECT_EQ(config.feature_dim(Modality::vision), 7);
  EXPECT_EQ(config.seq_len(Modality::audio), 15);
  EXPECT_EQ(config.seq_len(Modality::vision), 18);
  EXPECT_EQ(branch_options(config).attention_dropout[Modality::language], 0.11);
  EXPECT_EQ(branch_options(config).attention_dropout[Modality::audio], 0.12);
  EXPECT_EQ(branch_options(config).attention_dropout[Modality::vision], 0.13);
}

TEST(Config, ReadsAFile) {
  const TemporaryFolder folder;
  write_contents(folder / "c.json", R"({"seed": 7})");
  EXPECT_EQ(read_config(folder / "c.json").seed, 7u);
  EXPECT_THAT(error_of([&] { read_config(folder / "absent.json"); }), HasSubstr("absent.json"));
}

TEST(Config, TextThatIsNoObjectIsRefused) {
  EXPECT_THAT(json_error("{\"seed\": }"),
              AllOf(StartsWith("my.json is not valid JSON: parse error at line 1, column 10"),
                    ::testing::Not(HasSubstr("json.exception"))));
  EXPECT_THAT(json_error(""), StartsWith("my.json is not valid JSON"));
  EXPECT_THAT(json_error(R"({"learning_rate": 1e999})"), StartsWith("my.json is not valid JSON"));
  EXPECT_THAT(json_error(R"({"name": )" + std::string(1000, '[')),
              StartsWith("my.json is nested more than 64 levels deep"));
  EXPECT_THAT(json_error("[1, 2]"), StartsWith("my.json holds no configuration"));
}

TEST(Config, AnUnknownKeySuggestsTheNearest) {
  EXPECT_EQ(json_error(R"({"learing_rate": 1})"),
            "my.json: unknown configuration key 'learing_rate' of the model dmd; did you mean "
            "'learning_rate'?");
  EXPECT_EQ(setting_error("sed=1"),
            "--set sed=1: unknown configuration key 'sed' of the model dmd; did you mean 'seed'?");
  EXPECT_THAT(setting_error("zzz=1"),
              HasSubstr("'zzz' of the model dmd; expected one of name, model, "));
}

TEST(Config, AValueOfAnotherTypeIsRefused) {
  EXPECT_EQ(json_error(R"({"batch_size": "many"})"),
            "my.json: configuration key 'batch_size' must be a whole number from 1 to 1000000, not "
            "\"many\"");
  EXPECT_THAT(json_error(R"({"batch_size": 2.5})"), HasSubstr("not 2.5"));
  EXPECT_THAT(json_error(R"({"learning_rate": true})"),
              HasSubstr("must be a number above 0, not true"));
  EXPECT_THAT(json_error(R"({"decoupling": 1})"), HasSubstr("must be true or false, not 1"));
  EXPECT_THAT(json_error(R"({"name": 3})"), HasSubstr("must be text, not 3"));
  EXPECT_THAT(json_error(R"({"variant": "papr"})"), HasSubstr("must be reference or paper"));
  EXPECT_THAT(json_error(R"({"seed": -1})"), HasSubstr("must be a whole number, 0 or more"));
  EXPECT_THAT(json_error(R"({"lens": [1, 2]})"),
              HasSubstr("must be three whole numbers (l, a, v) from 0 to 1000000, not [1,2]"));
  EXPECT_THAT(json_error(R"({"epochs": 18446744073709551615})"), HasSubstr("a whole number"));
  EXPECT_THAT(json_error(R"({"dst_feature_dim_nheads": 50})"), HasSubstr("[width, heads], not 50"));
}

TEST(Config, AValueOutOfRangeIsRefused) {
  EXPECT_THAT(setting_error("batch_size=0"), HasSubstr("from 1 to 1000000, not 0"));
  EXPECT_THAT(setting_error("epochs=-3"), HasSubstr("not -3"));
  EXPECT_THAT(setting_error("attn_dropout=1"), HasSubstr("a number from 0 to below 1, not 1"));
  EXPECT_THAT(setting_error("text_dropout=-0.1"), HasSubstr("not -0.1"));
  EXPECT_THAT(setting_error("factor=0"), HasSubstr("above 0 to below 1, not 0"));
  EXPECT_THAT(setting_error("learning_rate=inf"),
              HasSubstr("must be a number above 0, not \"inf\""));
  EXPECT_THAT(setting_error("learning_rate=nan"), HasSubstr("must be a number above 0"));
  EXPECT_THAT(setting_error("seq_lens=5,-1,5"), HasSubstr("not [5,-1,5]"));
  EXPECT_THAT(setting_error("dst_feature_dim=2"), HasSubstr("from 4"));
}

TEST(Config, WidthMustDivideAmongTheHeads) {
  EXPECT_THAT(setting_error("nheads=7"),
              HasSubstr("dst_feature_dim = 50 is not a multiple of nheads = 7"));
  EXPECT_THAT(json_error(R"({"dst_feature_dim": 21})"), HasSubstr("not a multiple"));
}

TEST(Config, SettingsMayFitTogetherOnlyInTheEnd) {
  const Config config = with({"dst_feature_dim=21", "nheads=7"});
  EXPECT_EQ(config.settings.whole("dst_feature_dim"), 21);
  EXPECT_EQ(config.settings.whole("nheads"), 7);
}

TEST(Config, SettingsReadTheUsualSpellings) {
  EXPECT_EQ(with({"learning_rate=1e-3"}).learning_rate, 1e-3);
  EXPECT_EQ(with({"learning_rate=.5"}).learning_rate, 0.5);
  EXPECT_EQ(with({"learning_rate=2"}).learning_rate, 2.0);
  EXPECT_EQ(with({"seq_lens=[1,2,3]"}).seq_lens, (SizeList{1, 2, 3}));
  EXPECT_EQ(with({"name=5"}).name, "5");
  EXPECT_EQ(with({"name=a=b"}).name, "a=b");
  EXPECT_EQ(with({"passes="}).passes, "");
}

TEST(Config, SettingsThatCannotBeReadAreQuoted) {
  EXPECT_THAT(setting_error("batch_size"), HasSubstr("expected key=value"));
  EXPECT_THAT(setting_error("batch_size="), HasSubstr("not \"\""));
  EXPECT_THAT(setting_error("batch_size=1e"), HasSubstr("not \"1e\""));
  EXPECT_THAT(setting_error("learning_rate=0.1x"), HasSubstr("not \"0.1x\""));
  EXPECT_THAT(setting_error("seq_lens=1,2,"), HasSubstr("not \"1,2,\""));
  EXPECT_THAT(setting_error("decoupling=yes"), HasSubstr("true or false, not \"yes\""));
  EXPECT_THAT(setting_error("batch_size=" + std::string(1000, 'x')), HasSubstr("xxx..."));
  EXPECT_THAT(setting_error("batch_size=\xff"), HasSubstr("must be a whole number"));
}

TEST(Config, WithoutDropoutClearsEveryRateAndNothingElse) {
  Config expected = all_changed();
  for (const char* rate : {"attn_dropout", "attn_dropout_a", "attn_dropout_v", "relu_dropout",
                           "embed_dropout", "res_dropout", "output_dropout", "text_dropout"})
    expected.settings.set(rate, 0.0);
  EXPECT_EQ(without_dropout(all_changed()), expected);
}

TEST(Config, HelpHasALineAKey) {
  const std::string help = describe_keys(default_config());
  EXPECT_EQ(static_cast<std::size_t>(std::count(help.begin(), help.end(), '\n')),
            fields().size() + default_config().settings.keys().size());
  EXPECT_THAT(help, HasSubstr("learning_rate"));
  EXPECT_THAT(help, HasSubstr("0.0001"));
}

TEST(Config, NamesOfKeysAreDistinct) {
  std::set<std::string_view> names;
  for (const Field& field : fields()) EXPECT_TRUE(names.insert(field.name).second) << field.name;
  for (const ModelDef* model : all_models()) {
    std::set<std::string_view> all = names;
    for (const Key& key : model->keys) EXPECT_TRUE(all.insert(key.name).second) << key.name;
  }
}

TEST(Config, EveryDefaultIsOneThatItsKeyMayHold) {
  for (const ModelDef* model : all_models())
    for (const Key& key : model->keys) EXPECT_TRUE(fits(key, key.standard)) << key.name;
}

TEST(Config, AModelIsNamedByTheFileElseByTheCaller) {
  EXPECT_EQ(config_from_json("{}", "my.json").model, "dmd");
  EXPECT_EQ(config_from_json(R"({"model": "dmd"})", "my.json").model, "dmd");
  EXPECT_EQ(json_error(R"({"model": "dmb"})"),
            "my.json: there is no model 'dmb'; did you mean 'dmd'?");
  EXPECT_THAT(json_error(R"({"model": 3})"), HasSubstr("'model' must be text, not 3"));
  EXPECT_THAT(setting_error("model=dmd"), HasSubstr("chosen with --model"));
}

TEST(Config, ListsHoldAsManyNumbersAsTheyShould) {
  EXPECT_EQ(with({"homo_prior=.5,1,2,3,4,5"}).settings.list("homo_prior"),
            (std::vector<double>{0.5, 1, 2, 3, 4, 5}));
  EXPECT_THAT(setting_error("homo_prior=1,2"), HasSubstr("must be 6 numbers, not [1.0,2.0]"));
  EXPECT_THAT(setting_error("homo_prior=1,2,3,4,5,x"), HasSubstr("6 numbers"));
}

TEST(Config, ReadingAKeyThatThereIsNotIsAFaultOfTheProgram) {
  EXPECT_THAT(error_of([] { default_config().settings.real("nothing"); }), HasSubstr("'nothing'"));
  EXPECT_THAT(error_of([] { default_config().settings.real("nlevels"); }),
              HasSubstr("another type"));
  EXPECT_THAT(error_of([] { default_config().settings.set("nlevels", 0); }),
              HasSubstr("a whole number from 1"));
}

// ---- Tasks ----

Config set(const std::vector<std::string>& settings) {
  return with_settings(default_config(), settings);
}

TEST(Config, ClassesAreSetByNameAndSurviveWritingAndReading) {
  Config config = set({"task=classification", "classes=sad,very happy"});
  EXPECT_EQ(config.task, Task::classification);
  EXPECT_THAT(config.classes, testing::ElementsAre("sad", "very happy"));
  EXPECT_EQ(config.answer_width(), 2);
  config = set({"task=classification", R"(classes=["a, b", "c"])"});
  EXPECT_THAT(config.classes, testing::ElementsAre("a, b", "c"));
  EXPECT_EQ(config_from_json(to_json(config), "x.json"), config);
  EXPECT_EQ(set({"task=classification"}).answer_width(), 0);  // not known yet
  EXPECT_EQ(set({"task=emotion"}).answer_width(), 8);
}

TEST(Config, TasksClassesAndMetricsFitTogether) {
  const auto refusal = [](const std::vector<std::string>& settings) {
    return error_of([&] { set(settings); });
  };
  EXPECT_EQ(refusal({"classes=a,b"}),
            "--set: classes are named, and task = regression: add task=classification, or leave "
            "them out");
  EXPECT_EQ(refusal({"task=classification", "classes=a"}),
            "--set: classes names 'a' alone, and a classification needs at least two");
  EXPECT_EQ(refusal({"task=classification", "classes=a,b,a"}), "--set: classes names 'a' twice");
  EXPECT_EQ(refusal({"task=classification", "classes=a,,b"}),
            "--set: classes names '' for a class");
  EXPECT_EQ(refusal({"task=classification", "metrics=mult"}),
            "--set: metrics = mult scores numbers, and task = classification has metrics of its "
            "own: leave it out");
  EXPECT_EQ(set({"task=emotion", "metrics=mult"}).metrics, MetricSet::mult);
  EXPECT_EQ(refusal({"metrics=mosei"}),
            "--set metrics=mosei: configuration key 'metrics' must be mosi, sims or mult, not "
            "\"mosei\"");
  EXPECT_EQ(refusal({"classes=[1]"}),
            "--set classes=[1]: configuration key 'classes' must be a list of names, not [1]");
}

}  // namespace
}  // namespace dmd
