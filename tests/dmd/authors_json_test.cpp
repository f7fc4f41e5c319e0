// Configuration files of the authors' programs.
#include <gmock/gmock.h>

#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNested = R"({
  "datasetCommonParams": {"dataset_root_dir": ".", "mosi": {"aligned": {"featurePath": "x.pkl"}}},
  "dmd": {
    "commonParams": {"need_data_aligned": true, "early_stop": 12, "update_epochs": 4},
    "datasetParams": {
      "mosi": {"dst_feature_dim_nheads": [50, 10], "update_epochs": 8, "weight_decay": 0.005},
      "mosei": {"dst_feature_dim_nheads": [30, 6]}
    }
  }
})";

Config read(std::string_view text, std::string_view data_set = {},
            std::vector<std::string>* notes = nullptr, std::string_view model = {}) {
  return config_from_json(text, "config.json", model, data_set, notes);
}

std::string refusal(std::string_view text, std::string_view data_set = {},
                    std::string_view model = {}) {
  return error_of([&] { read(text, data_set, nullptr, model); });
}

TEST(AuthorsJson, OnePartOfANestedFileIsTaken) {
  const Config mosi = read(kNested, "mosi");
  EXPECT_EQ(mosi.model, "dmd");
  EXPECT_EQ(mosi.settings.whole("dst_feature_dim"), 50);
  EXPECT_EQ(mosi.settings.whole("nheads"), 10);
  EXPECT_EQ(mosi.early_stop, 12);
  EXPECT_EQ(mosi.update_epochs, 8);  // the data set's comes before the common one
  const Config mosei = read(kNested, "mosei");
  EXPECT_EQ(mosei.settings.whole("dst_feature_dim"), 30);
  EXPECT_EQ(mosei.update_epochs, 4);
}

TEST(AuthorsJson, TheOnlyPartNeedsNoName) {
  const Config config =
      read(R"({"mult": {"commonParams": {}, "datasetParams": {"mosi": {"nheads": 5}}}})");
  EXPECT_EQ(config.model, "mult");
}

TEST(AuthorsJson, WhichPartIsMeantIsAsked) {
  EXPECT_EQ(refusal(kNested),
            "config.json: it holds configurations for mosi, mosei: choose one behind the file's "
            "name, such as config.json#mosi");
  EXPECT_THAT(refusal(kNested, "sims"), HasSubstr("it holds configurations for mosi, mosei"));
  EXPECT_THAT(
      refusal(R"({"a": {"datasetParams": {"x": {}}}, "b": {"datasetParams": {"x": {}}}})"),
      HasSubstr("it holds configurations of a, b, and none of dmd: choose one with --model"));
  EXPECT_THAT(refusal(R"({"dmd": {"datasetParams": {}}})"),
              HasSubstr("datasetParams of dmd is empty"));
  EXPECT_THAT(refusal(R"({"dmd": {"datasetParams": {"mosi": 3}}})"),
              HasSubstr("should be objects of keys"));
  EXPECT_THAT(refusal(R"({"nlevels": 2})", "mosi"),
              HasSubstr("it holds one configuration, and none for the data set mosi"));
  EXPECT_THAT(refusal(kNested, "mosi", "mult"), HasSubstr("is a configuration of the model dmd"));
}

TEST(AuthorsJson, KeysThatSayNothingHereAreNamed) {
  std::vector<std::string> notes;
  read(kNested, "mosi", &notes);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("need_data_aligned is passed over"),
                                 AllOf(HasSubstr("weight_decay is passed over"),
                                       HasSubstr("Adam has no weight decay here"))));
  notes.clear();
  read(R"({"use_bert": true, "transformers": "bert", "pretrained": "b", "attn_mask": true})", "",
       &notes);
  EXPECT_THAT(notes, Contains(AllOf(HasSubstr("use_bert"), HasSubstr("text_encoder=bert"))));
  EXPECT_EQ(notes.size(), 4u);
  EXPECT_THAT(refusal(R"({"attn_mask": false})"), HasSubstr("this model always masks"));
  EXPECT_THAT(refusal(R"({"learning_rat": 1})"), HasSubstr("unknown configuration key"));
}

// A key that the model has is no such key.
TEST(AuthorsJson, KeysOfTheModelAreTaken) {
  std::vector<std::string> notes;
  const Config config = read(R"({"model": "mult", "attn_mask": false})", "", &notes);
  EXPECT_FALSE(config.settings.flag("attn_mask"));
  EXPECT_THAT(notes, IsEmpty());
}

TEST(AuthorsJson, ContradictionsAreRefused) {
  EXPECT_EQ(refusal(R"({"dst_feature_dim": 8, "nheads": 2, "dst_feature_dim_nheads": [20, 4]})"),
            "config.json: dst_feature_dim_nheads says that dst_feature_dim is 20, and "
            "dst_feature_dim says 8: leave one of them out");
  EXPECT_THAT(refusal(R"({"lens": [1, 2, 3], "seq_lens": [1, 2, 4]})"), HasSubstr("leave one"));
  EXPECT_EQ(read(R"({"dst_feature_dim": 20, "nheads": 4, "dst_feature_dim_nheads": [20, 4]})")
                .settings.whole("nheads"),
            4);
}

TEST(AuthorsJson, APartIsNamedBehindTheFile) {
  const TemporaryFolder folder;
  write_contents(folder / "config.json", kNested);
  const std::string file = (folder / "config.json").string();
  EXPECT_TRUE(names_a_file(file + "#mosei"));
  EXPECT_EQ(load_config(file + "#mosei").settings.whole("nheads"), 6);
  write_contents(folder / "odd#name.json", R"({"nlevels": 2})");
  EXPECT_EQ(load_config((folder / "odd#name.json").string()).settings.whole("nlevels"), 2);
}

}  // namespace
}  // namespace dmd
