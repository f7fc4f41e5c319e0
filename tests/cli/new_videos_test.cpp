// Utterances from outside of a data set: without labels, in files of their own, of other lengths,
// or through a pipe.
#include <cmath>

#include <gmock/gmock.h>

#include "dmd/report/csv.h"
#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using testing::HasSubstr;

constexpr const char* kSmall =
    "--epochs 1 --set update_epochs=1 --set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set "
    "conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set conv1d_kernel_size_v=1";

class NewVideos : public testing::Test {
 protected:
  void SetUp() override {
    dmd::write_contents(shell_ / "known.pkl", formats::FeatureFile().bytes());
    const Result trained =
        shell_.run(fmt::format("dmd train --data known.pkl --out run {}", kSmall));
    ASSERT_EQ(trained.status, 0) << trained.err;
  }

  void write_test_split(const std::string& name, formats::Fields fields) {
    formats::FeatureFile file;
    file.splits = {{"test", std::move(fields)}};
    dmd::write_contents(shell_ / name, file.bytes());
  }

  Shell shell_;
};

TEST_F(NewVideos, ArePredictedWithoutLabels) {
  formats::FeatureFile fresh;
  fresh.splits.erase("train");
  fresh.splits.erase("valid");
  fresh.splits["test"].erase("regression_labels");
  dmd::write_contents(shell_ / "new.pkl", fresh.bytes());
  const Result predicted = shell_.run("dmd predict --checkpoint run --data new.pkl --out p.csv");
  EXPECT_EQ(predicted.status, 0) << predicted.err;
  const dmd::Table table = dmd::parse_csv(dmd::contents_of(shell_ / "p.csv"), "p.csv");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][2], "");  // the label
  EXPECT_NE(table.rows[0][3], "");  // the prediction
  EXPECT_EQ(shell_.run("dmd predict --checkpoint run --data new.pkl --out p.jsonl").status, 0);
  EXPECT_THAT(dmd::contents_of(shell_ / "p.jsonl"), testing::HasSubstr("\"label\":null"));
  EXPECT_EQ(shell_.run("dmd explain --checkpoint run --data new.pkl").status, 0);

  const Result scored = shell_.run("dmd eval --checkpoint run --data new.pkl");
  EXPECT_EQ(scored.status, 1);
  EXPECT_THAT(scored.err, testing::HasSubstr("no utterance of the test split of new.pkl has "
                                             "regression_labels"));
  const Result absent = shell_.run("dmd eval --checkpoint run --data new.pkl --split train");
  EXPECT_THAT(absent.err, testing::HasSubstr("no train split: choose --split test (2 utterances)"));
}

// A text of two steps where the model has three, and audio of three where it has two.
TEST_F(NewVideos, MayBeShorterAndLonger) {
  formats::Fields fields = formats::good_fields();
  fields["text"] = formats::floats({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  fields["audio"] = formats::floats({2, 3, 1}, {1, 2, 9, 3, 4, 9});
  write_test_split("other.pkl", fields);
  const Result other = shell_.run("dmd predict --checkpoint run --data other.pkl --out other.csv");
  ASSERT_EQ(other.status, 0) << other.err;
  EXPECT_THAT(other.err, HasSubstr("text has 2 time steps, and the model was made for 3: zeros"));
  EXPECT_THAT(other.err, HasSubstr("audio has 3 time steps, and the model was made for 2: the"));

  fields["text"] = formats::floats({2, 3, 2}, {0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 7});
  fields["audio"] = formats::floats({2, 2, 1}, {1, 2, 3, 4});
  write_test_split("same.pkl", fields);
  ASSERT_EQ(shell_.run("dmd predict --checkpoint run --data same.pkl --out same.csv").status, 0);
  EXPECT_EQ(dmd::contents_of(shell_ / "other.csv"), dmd::contents_of(shell_ / "same.csv"));
}

TEST_F(NewVideos, MayComeThroughAPipe) {
  ASSERT_EQ(shell_.run("dmd eval --checkpoint run --data known.pkl --json").status, 0);
  const std::string plain = shell_.run("dmd eval --checkpoint run --data known.pkl --json").out;
  EXPECT_EQ(shell_.run("cat known.pkl | dmd eval --checkpoint run --data - --json").out, plain);
  EXPECT_EQ(shell_.run("gzip -c known.pkl | dmd eval --checkpoint run --data - --json").out, plain);
  EXPECT_EQ(shell_.run("cat known.pkl | dmd convert - known.safetensors").status, 0);
  EXPECT_EQ(shell_.run("dmd eval --checkpoint run --data known.safetensors --json").out, plain);
  const Result piped =
      shell_.run(fmt::format("cat known.pkl | dmd train --data - --out piped {}", kSmall));
  ASSERT_EQ(piped.status, 0) << piped.err;
  EXPECT_EQ(measurements(shell_ / "piped"), measurements(shell_ / "run"));
  expect_error(shell_.run("dmd eval --checkpoint run --data - </dev/null"), 1,
               "nothing came on standard input");
  expect_error(shell_.run("echo hello | dmd eval --checkpoint run --data -"), 1, "standard input");
}

// One that nothing can be computed with is refused, unless zeros are asked for; a run remembers it.
TEST_F(NewVideos, MayHoldValuesThatAreNone) {
  formats::FeatureFile file;
  for (auto& [name, fields] : file.splits)
    fields["audio"] = formats::floats({2, 2, 1}, {1, std::nanf(""), 3, 4});
  dmd::write_contents(shell_ / "nan.pkl", file.bytes());
  expect_error(shell_.run(fmt::format("dmd train --data nan.pkl --out zero {}", kSmall)), 1,
               "--set nonfinite=zero");
  const Result trained = shell_.run(
      fmt::format("dmd train --data nan.pkl --out zero {} --set nonfinite=zero", kSmall));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("zeros replace 1 value in audio of train (1 sample)"));
  EXPECT_EQ(shell_.run("dmd eval --checkpoint zero --data nan.pkl").status, 0);
  EXPECT_EQ(shell_.run("dmd train --data nan.pkl --resume zero --epochs 2").status, 0);
  expect_error(shell_.run("dmd eval --checkpoint run --data nan.pkl"), 1, "nonfinite=zero");
  expect_error(shell_.run("dmd convert nan.pkl x.safetensors"), 1, "--nonfinite zero");
  EXPECT_EQ(shell_.run("dmd convert nan.pkl x.safetensors --nonfinite zero").status, 0);
}

TEST_F(NewVideos, WithoutALabelAreLeftOutOfTraining) {
  formats::FeatureFile file;
  file.splits["train"]["regression_labels"] = formats::floats({2}, {std::nanf(""), 1});
  dmd::write_contents(shell_ / "part.pkl", file.bytes());
  expect_error(shell_.run(fmt::format("dmd train --data part.pkl --out part {}", kSmall)), 1,
               "--skip-unlabelled");
  const std::string train =
      fmt::format("dmd train --data part.pkl --out part --skip-unlabelled {}", kSmall);
  const Result trained = shell_.run(train);
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("left out: 1 of 2 utterances of the train split"));
  file.splits["train"].erase("regression_labels");
  dmd::write_contents(shell_ / "none.pkl", file.bytes());
  expect_error(
      shell_.run(fmt::format("dmd train --data none.pkl --out none --skip-unlabelled {}", kSmall)),
      1, "the train split of none.pkl has no labelled utterance");
}

}  // namespace
}  // namespace cli_test
