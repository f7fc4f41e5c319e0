// Models that are trained without some of the modalities, and files that lack them.
#include <gmock/gmock.h>

#include "dmd/report/csv.h"
#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSmall =
    "--set update_epochs=1 --set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set "
    "conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set conv1d_kernel_size_v=1";

class FewerModalities : public testing::Test {
 protected:
  void SetUp() override {
    write("all.pkl", {});
    write("no-vision.pkl", {"vision"});
    write("text.pkl", {"audio", "vision"});
  }

  // The file without some fields.
  void write(const std::string& name, const std::vector<std::string>& without) {
    formats::FeatureFile file;
    for (auto& [split, fields] : file.splits)
      for (const std::string& field : without) fields.erase(field);
    dmd::write_contents(shell_ / name, file.bytes());
  }

  Result train(const std::string& flags, int epochs = 2) {
    return shell_.run(fmt::format("dmd train {} {} --epochs {}", flags, kSmall, epochs));
  }

  std::string columns_of(const std::string& run, const std::string& data) {
    const Result predicted =
        shell_.run(fmt::format("dmd predict --checkpoint {} --data {} --out p.csv", run, data));
    EXPECT_EQ(predicted.status, 0) << predicted.err;
    const std::string table = dmd::contents_of(shell_ / "p.csv");
    return table.substr(0, table.find('\n'));
  }

  Shell shell_;
};

// A file that lacks a modality, and one of which it is dropped, make one model.
TEST_F(FewerModalities, AreThoseOfTheFileOrLeftOut) {
  const Result lacking = train("--data no-vision.pkl --out lacking");
  ASSERT_EQ(lacking.status, 0) << lacking.err;
  EXPECT_THAT(lacking.err, HasSubstr("no-vision.pkl has no vision: the model is made without it"));
  const Result dropped = train("--data all.pkl --drop vision --out dropped");
  ASSERT_EQ(dropped.status, 0) << dropped.err;
  EXPECT_EQ(measurements(shell_ / "lacking"), measurements(shell_ / "dropped"));
  EXPECT_EQ(columns_of("dropped", "all.pkl"), columns_of("lacking", "no-vision.pkl"));
  EXPECT_THAT(columns_of("dropped", "all.pkl"), HasSubstr("homo_a_to_l"));
  EXPECT_THAT(columns_of("dropped", "all.pkl"), Not(HasSubstr("_v")));
}

TEST_F(FewerModalities, AreScoredSubsetBySubset) {
  ASSERT_EQ(train("--data no-vision.pkl --out run").status, 0);
  const Result scored =
      shell_.run("dmd eval --checkpoint run --data no-vision.pkl --robustness --json");
  ASSERT_EQ(scored.status, 0) << scored.err;
  const Json subsets = Json::parse(scored.out);
  EXPECT_EQ(subsets.size(), 3u);
  EXPECT_TRUE(subsets.contains("text + audio")) << scored.out;
}

TEST_F(FewerModalities, GoOnBitForBit) {
  ASSERT_EQ(train("--data no-vision.pkl --out whole").status, 0);
  ASSERT_EQ(train("--data no-vision.pkl --out cut", 1).status, 0);
  ASSERT_EQ(shell_.run("dmd train --data no-vision.pkl --resume cut --epochs 2").status, 0);
  EXPECT_EQ(measurements(shell_ / "cut"), measurements(shell_ / "whole"));
  EXPECT_EQ(shell_.run("dmd export --checkpoint whole --out model.onnx").status, 0);
  EXPECT_EQ(shell_.run("dmd explain --checkpoint whole --data no-vision.pkl").status, 0);
  EXPECT_EQ(shell_.run("dmd convert no-vision.pkl x.safetensors").status, 0);
  EXPECT_EQ(shell_.run("dmd eval --checkpoint whole --data x.safetensors --json").out,
            shell_.run("dmd eval --checkpoint whole --data no-vision.pkl --json").out);
}

TEST_F(FewerModalities, MayBeOne) {
  for (const char* model : {"dmd", "dhmd", "mult", "late_fusion"}) {
    const Result trained =
        train(fmt::format("--data text.pkl --model {} --config tiny --out {}", model, model));
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_THAT(trained.err, HasSubstr("text alone: what modalities learn from each other"));
    EXPECT_THAT(columns_of(model, "text.pkl"), Not(HasSubstr("_to_")));
  }
}

// A model of three scores a file of two only where zeros are asked for.
TEST_F(FewerModalities, AreAskedForWhereAModelNeedsThem) {
  ASSERT_EQ(train("--data all.pkl --out run").status, 0);
  expect_error(shell_.run("dmd eval --checkpoint run --data no-vision.pkl"), 1,
               "the model reads vision, and the data has none: --drop vision");
  const Result zeros = shell_.run("dmd eval --checkpoint run --data no-vision.pkl --drop vision");
  EXPECT_EQ(zeros.status, 0) << zeros.err;
  EXPECT_EQ(zeros.out, shell_.run("dmd eval --checkpoint run --data all.pkl --drop vision").out);
}

TEST_F(FewerModalities, BadInputIsNamed) {
  expect_error(train("--data all.pkl --drop text,audio,vision"), 2, "--drop leaves no modality");
  expect_error(train("--data all.pkl --drop video"), 2, "video");
  expect_error(train("--data all.pkl --set modalities=text,video"), 2,
               "must be some of text, audio and vision");
  expect_error(train("--data no-vision.pkl --set modalities=text,vision"), 1,
               "the model reads vision, and the data has none");
  expect_error(train("--data all.pkl --model mult --set partial=v --drop vision"), 2,
               "partial = v predicts from what vision asks");
  expect_error(train("--data all.pkl --set text_encoder=bert --drop text"), 2,
               "text_encoder is bert, and modalities (audio,vision) leave the text out");
  formats::FeatureFile file;
  file.splits["test"].erase("vision");
  dmd::write_contents(shell_ / "parts.pkl", file.bytes());
  expect_error(train("--data parts.pkl"), 1, "there is vision in train, and none in test");
  formats::FeatureFile tokens;
  for (auto& [name, fields] : tokens.splits) {
    fields.erase("text");
    fields["text_bert"] = formats::floats({2, 3, 2}, std::vector<float>(12, 1));
  }
  dmd::write_contents(shell_ / "tokens.pkl", tokens.bytes());
  expect_error(train("--data tokens.pkl"), 1, "the data leave the text to an encoder");
  EXPECT_EQ(train("--data tokens.pkl --drop text --out tokens").status, 0);
  write("none.pkl", {"text", "audio", "vision"});
  expect_error(train("--data none.pkl"), 1, "none.pkl has no features of text, audio or vision");
}

}  // namespace
}  // namespace cli_test
