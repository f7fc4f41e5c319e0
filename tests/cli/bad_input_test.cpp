// Everything that users get wrong: a clear sentence, the right exit status, nothing half-written.

#include <algorithm>
#include <filesystem>
#include <limits>

#include "engine/io/safetensors.h"
#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using formats::FeatureFile;
using formats::floats;

// A configuration that fits FeatureFile's lengths of 3, 2 and 1.
constexpr const char* kUnitKernels =
    "--set conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set conv1d_kernel_size_v=1 "
    "--set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set update_epochs=1 --epochs 1";

Result train_on(const Shell& shell, const std::string& contents, const std::string& flags = "") {
  dmd::write_contents(shell / "data.pkl", contents);
  return shell.run(fmt::format("dmd train --data data.pkl --out run {} {}", kUnitKernels, flags));
}

void expect_refused(const std::string& contents, const std::string& sentence) {
  const Shell shell;
  const Result result = train_on(shell, contents);
  expect_error(result, 1, sentence);
  EXPECT_THAT(result.err, testing::HasSubstr("data.pkl"));
  EXPECT_FALSE(std::filesystem::exists(shell / "run"));
}

TEST(BadData, GoodFilesTrain) {
  const Shell shell;
  const Result result = train_on(shell, FeatureFile().bytes());
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(BadData, MissingFile) {
  const Shell shell;
  expect_error(shell.run("dmd train --data nowhere.pkl"), 1, "nowhere.pkl");
}

TEST(BadData, EmptyTruncatedOrForeignFile) {
  expect_refused("", "empty");
  const std::string good = FeatureFile().bytes();
  expect_refused(good.substr(0, good.size() / 2), "not a feature file that can be read");
  expect_refused("id,text,label\n1,hello,0.5\n", "not a feature file that can be read");
}

TEST(BadData, PickleThatCallsAnythingElse) {
  formats::PickleWriter writer;
  writer.global("os", "system").mark().text("touch hacked").tuple().call();
  expect_refused(writer.finish(), "os.system");
}

TEST(BadData, MissingSplitOrKey) {
  FeatureFile no_valid;
  no_valid.splits.erase("valid");
  expect_refused(no_valid.bytes(), "'valid'");
  FeatureFile no_audio;
  no_audio.splits["test"].erase("audio");
  expect_refused(no_audio.bytes(), "there is audio in train, and none in test");
  FeatureFile video;
  video.splits["train"]["video"] = video.splits["train"]["vision"];
  video.splits["train"].erase("vision");
  expect_refused(video.bytes(), "its split train has no 'vision': there are");
}

TEST(BadData, ModalitiesOfOtherCountsOrWidths) {
  FeatureFile counts;
  counts.splits["train"]["audio"] = floats({3, 2, 1}, std::vector<float>(6, 1));
  expect_refused(counts.bytes(), "audio");
  FeatureFile widths;
  widths.splits["valid"]["vision"] = floats({2, 1, 5}, std::vector<float>(10, 1));
  expect_refused(widths.bytes(), "vision");
}

TEST(BadData, NotANumber) {
  FeatureFile file;
  file.splits["train"]["text"] = floats(
      {2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, std::numeric_limits<float>::quiet_NaN(), 8, 9, 10, 11});
  expect_refused(file.bytes(), "video$_$2");
}

TEST(BadData, ShorterThanTheKernel) {
  const Shell shell;
  const Result result = train_on(shell, FeatureFile().bytes(), "--set conv1d_kernel_size_v=3");
  expect_error(result, 1, "vision has 1 time steps");
}

TEST(BadData, SyntheticOfNoSize) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic:3"), 2, "10 to 100000");
  expect_error(shell.run("dmd train --data synthetic:many"), 2, "synthetic");
}

// ---- Configuration ----

TEST(BadConfiguration, UnknownKeysAndNames) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic --set batchsize=8"), 2,
               "did you mean 'batch_size'");
  expect_error(shell.run("dmd train --data synthetic --config tinny"), 2, "did you mean 'tiny'");
  dmd::write_contents(shell / "mine.json", R"({"learning_rat": 0.1})");
  const Result file = shell.run("dmd train --data synthetic --config mine.json");
  expect_error(file, 1, "did you mean 'learning_rate'");
  EXPECT_THAT(file.err, testing::HasSubstr("mine.json"));
}

TEST(BadConfiguration, ZeroAndNegativeSizes) {
  const Shell shell;
  for (const char* setting : {"batch_size=0", "batch_size=-4", "nlevels=0", "nheads=-1",
                              "dst_feature_dim=0", "conv1d_kernel_size_l=0", "learning_rate=0"})
    expect_error(shell.run(fmt::format("dmd train --data synthetic --set {}", setting)), 2,
                 std::string(setting).substr(0, std::string(setting).find('=')));
  for (const char* flag : {"--epochs 0", "--epochs -1", "--threads 0", "--seed -1", "--seeds 1,-2"})
    expect_error(shell.run(fmt::format("dmd train --data synthetic {}", flag)), 2,
                 std::string(flag).substr(0, std::string(flag).find(' ')));
}

TEST(BadConfiguration, UnknownPasses) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic --set passes=-fusion"), 2, "fusion");
}

// ---- Command line ----

TEST(BadCommandLine, ExitsWithTwoAndSaysWhereHelpIs) {
  const Shell shell;
  for (const char* line :
       {"dmd", "dmd trian", "dmd train", "dmd train --data", "dmd train --data synthetic --colour",
        "dmd eval --data synthetic", "dmd eval --checkpoint x --data synthetic --split dev",
        "dmd graph --program all", "dmd conformance --mode perf", "dmd convert one.pkl",
        "dmd train --data synthetic --seed 1 --seeds 2,3",
        "dmd train --data synthetic --resume run --config tiny"}) {
    const Result result = shell.run(line);
    SCOPED_TRACE(line);
    expect_error(result, 2, "--help");
  }
}

TEST(BadCommandLine, NearNamesAreNamed) {
  const Shell shell;
  expect_error(shell.run("dmd trian"), 2, "there is no command 'trian'; did you mean 'train'?");
  expect_error(shell.run("dmd eval --chekpoint x"), 2, "did you mean '--checkpoint'?");
  expect_error(shell.run("dmd eval --split vaild"), 2, "must be train, valid or test, not vaild");
  expect_error(shell.run("dmd train --threads 0"), 2, "a whole number from 1 to 1024, not 0");
}

// People know keys of the configuration as options of other programs.
TEST(BadCommandLine, KeysAreToldToBeSettings) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic --lr 0.1"), 2, "--set learning_rate=0.1");
  expect_error(shell.run("dmd train --data synthetic --batch-size=8"), 2, "--set batch_size=8");
  expect_error(shell.run("dmd train --nheads 4"), 2, "--set nheads=4");
  expect_error(shell.run("dmd devices --lr 0.1"), 2, "dmd devices has no option --lr");
}

TEST(BadCommandLine, SeedsThatAreNone) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic:40 --seeds 3-1"), 2, "a range goes up");
  expect_error(shell.run("dmd train --data synthetic:40 --seeds 1-1000000"), 2, "at most 10000");
  expect_error(shell.run("dmd train --data synthetic:40 --seeds 1,2-3,3"), 2, "a seed twice");
  expect_error(shell.run("dmd train --data synthetic:40 --seeds one"), 2, "such as 1111,1113");
}

TEST(BadCommandLine, NoGpuIsExplained) {
  const Shell shell;
  const Result result = shell.run("dmd train --data synthetic:40 --device gpu --out run");
  if (result.status == 0) return;  // this machine has one
  expect_error(result, 2, "there is no GPU that can be used; cuda: ");
  EXPECT_THAT(result.err,
              testing::AllOf(testing::HasSubstr("cuda: "), testing::HasSubstr("vulkan: ")));
}

// What a run made before it failed goes with it, and what was there before stays.
TEST(FailedStart, LeavesNoFolder) {
  const Shell shell;
  const std::string diverging =
      "dmd train --data synthetic:40 --config tiny --set learning_rate=1e30 "
      "--set update_epochs=1 --out ";
  const auto expect_nothing_saved = [](const Result& result) {
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, testing::HasSubstr("no epoch was finished, so nothing is saved"));
  };
  expect_nothing_saved(shell.run(diverging + "run"));
  EXPECT_FALSE(std::filesystem::exists(shell / "run"));
  expect_nothing_saved(shell.run(diverging + "runs/five --seeds 1-5"));
  EXPECT_FALSE(std::filesystem::exists(shell / "runs/five"));
  std::filesystem::create_directory(shell / "mine");
  dmd::write_contents(shell / "mine/notes", "keep");
  expect_nothing_saved(shell.run(diverging + "mine"));
  EXPECT_EQ(dmd::contents_of(shell / "mine/notes"), "keep");
}

TEST(BadCommandLine, NamesThatTheProgramDoesNotHave) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic --device gpu9"), 2, "gpu9");
  expect_error(shell.run("dmd train --data synthetic --seeds 1,2 --out new --device gpu9"), 2,
               "gpu9");
  EXPECT_FALSE(std::filesystem::exists(shell / "new"));
  expect_error(shell.run("TRINE_DEVICE=gpu9 dmd conformance"), 2, "gpu9");
  expect_error(shell.run("dmd train --data synthetic --variant papers"), 2, "reference or paper");
  expect_error(shell.run("dmd graph --config mozi"), 2, "did you mean 'mosi'");
  expect_error(shell.run("dmd graph --model dmb"), 2, "did you mean 'dmd'");
  expect_error(shell.run("dmd bench --model mosi"), 2, "say --config mosi");
  expect_error(shell.run("dmd train --data synthetic --model dmb"), 2, "did you mean 'dmd'");
  expect_error(shell.run("dmd graph --config tiny --program apply --pass fusion"), 2, "fuse");
  expect_error(shell.run("dmd conformance --filter nothing/at/all"), 2, "nothing/at/all");
  expect_error(shell.run("dmd predict --checkpoint a --data b --out c.txt"), 2, ".jsonl");
  expect_error(shell.run("dmd predict --checkpoint a"), 2, "--text to score a sentence");
  expect_error(shell.run("dmd predict --checkpoint a --text x --out p.csv"), 2, "--out");
  expect_error(shell.run("dmd predict --checkpoint a --out p.csv"), 2, "--data is required");
  expect_error(shell.run("dmd eval --checkpoint a --data b --drop touch"), 2, "touch");
  expect_error(shell.run("dmd convert a.pkl b.bin"), 2, ".safetensors");
  expect_error(shell.run("dmd train --data synthetic --seeds 1,2,1"), 2, "twice");
}

// ---- Text encoders ----

TEST(BadEncoder, FolderOrDataThatDoNotServe) {
  const Shell shell;
  const std::string train = "dmd train --data synthetic:40 --set text_encoder=bert ";
  expect_error(shell.run(train + "--set text_encoder_path=nowhere"), 1, "looked for");
  expect_error(shell.run(train + "--set text_encoder_path=."), 1, "no config.json");
  expect_error(shell.run(train), 1, "text_bert");
  expect_error(shell.run("dmd train --data synthetic:40 --set text_encoder=gpt"), 2,
               "none, bert or roberta");
}

// ---- Checkpoints and folders ----

TEST(BadCheckpoint, MissingForeignOrOfAnotherShape) {
  const Shell shell;
  expect_error(shell.run("dmd eval --checkpoint none.safetensors --data synthetic:40"), 1,
               "none.safetensors");
  dmd::write_contents(shell / "text.safetensors", "these are not tensors");
  expect_error(shell.run("dmd eval --checkpoint text.safetensors --data synthetic:40"), 1,
               "text.safetensors");
  dmd::write_contents(shell / "text.pth", "this is no archive");
  expect_error(shell.run("dmd eval --checkpoint text.pth --config tiny --data synthetic:40"), 1,
               "text.pth");
  expect_error(shell.run("dmd train --data synthetic:40 --resume nowhere"), 1, "nowhere");

  ASSERT_EQ(shell.train("--epochs 1 --out run").status, 0);
  dmd::write_contents(shell / "data.pkl", FeatureFile().bytes());
  expect_error(shell.run("dmd eval --checkpoint run --data data.pkl"), 1, "the data's text has 2");
}

// Eval, predict and export name a parameter that is not a number; it would not always show.
TEST(BadCheckpoint, NamesAParameterThatIsNotFinite) {
  const Shell shell;
  ASSERT_EQ(shell.run("dmd train --data synthetic:40 --config tiny --epochs 1 --out run").status,
            0);
  const std::filesystem::path file = shell / "run/best.safetensors";
  trine::io::Safetensors contents = trine::io::read_safetensors(file);
  trine::io::ArraySources sources;
  for (trine::io::NamedArray& entry : contents.arrays) {
    if (entry.name == "trans_l_mem.layers.0.fc1.bias") {
      std::vector<float> values = entry.array.to_f32();
      values[3] = std::numeric_limits<float>::quiet_NaN();
      entry.array = trine::io::Array::from(values, entry.array.shape());
    }
    sources.push_back({entry.name, entry.array.type(), entry.array.shape(),
                       [array = entry.array] { return array; }});
  }
  trine::io::write_safetensors(shell / "bad.safetensors", sources, contents.metadata);
  for (const char* line :
       {"dmd eval --checkpoint bad.safetensors --data synthetic:40",
        "dmd predict --checkpoint bad.safetensors --data synthetic:40 --out p.csv",
        "dmd export --checkpoint bad.safetensors --out m.onnx"}) {
    SCOPED_TRACE(line);
    expect_error(shell.run(line), 1, "'trans_l_mem.layers.0.fc1.bias' holds values that are not");
  }
  EXPECT_FALSE(std::filesystem::exists(shell / "p.csv"));
  EXPECT_FALSE(std::filesystem::exists(shell / "m.onnx"));
}

TEST(BadCheckpoint, NamesTheParameterAndBothShapes) {
  const std::filesystem::path fixture = golden_folder() / "model.pth";
  const Shell shell;
  const Result result = shell.run(fmt::format(
      "dmd eval --checkpoint '{}' --config tiny --data synthetic:40", fixture.string()));
  expect_error(result, 1, "proj_l.weight");
  EXPECT_THAT(result.err, testing::HasSubstr("(20, 16, 5)"));
  EXPECT_THAT(result.err, testing::HasSubstr("another width"));
}

TEST(BadFolder, CannotBeWritten) {
  const Shell shell;
  dmd::write_contents(shell / "file", "x");
  expect_error(shell.train("--epochs 1 --out file/run"), 1, "file/run");
  expect_error(shell.train("--epochs 1 --out file/run --seeds 1,2"), 1, "file/run");
  ASSERT_EQ(shell.train("--epochs 1 --out run").status, 0);
  expect_error(shell.train("--epochs 1 --out run"), 1, "holds a run already");
  expect_error(shell.run("dmd predict --checkpoint run --data synthetic:40 --out file/p.csv"), 1,
               "file/p.csv");
}

// A limit on the size of files stands for a disk that fills up: writing fails halfway.
TEST(FullDisk, LeavesTheOldFiles) {
  const Shell shell;
  ASSERT_EQ(shell.train("--epochs 1 --out run").status, 0);
  const std::string best = dmd::contents_of(shell / "run/best.safetensors");
  const std::string last = dmd::contents_of(shell / "run/last.safetensors");

  const Result result = shell.run(
      "trap '' XFSZ; ulimit -f 20; dmd train --data synthetic:40 --resume run --epochs 2");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, testing::HasSubstr("dmd: cannot write"));
  EXPECT_THAT(result.err, testing::HasSubstr("is unchanged"));
  EXPECT_EQ(dmd::contents_of(shell / "run/best.safetensors"), best);
  EXPECT_EQ(dmd::contents_of(shell / "run/last.safetensors"), last);
  const auto files = std::filesystem::directory_iterator(shell / "run");
  EXPECT_EQ(std::ranges::distance(begin(files), end(files)), 4);

  EXPECT_EQ(shell.run("dmd train --data synthetic:40 --resume run --epochs 2").status, 0);
}

TEST(FullDisk, ShowsWhenResultsCannotBePrinted) {
  const Shell shell;
  const Result result = shell.run("dmd devices --json >/dev/full");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, testing::HasSubstr("dmd: cannot write to standard output"));
}

}  // namespace
}  // namespace cli_test
