// The commands at work: what they print and write.

#include <cstring>
#include <filesystem>

#include "dmd/report/csv.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/zip.h"
#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

Json json_of(const Result& result) {
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
  return Json::parse(result.out);
}

const std::vector<std::string> kMetrics = {"MAE",     "Corr",       "Acc_7",   "Acc_5",
                                           "Acc_3",   "Non0_acc_2", "Non0_F1", "Has0_acc_2",
                                           "Has0_F1", "Loss",       "n"};

// One run that the tests of this group share.
class TrainedRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shell_ = new Shell;
    trained_ = new Result(shell_->train("--epochs 2 --out run --json"));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete shell_;
  }

  static inline Shell* shell_ = nullptr;
  static inline Result* trained_ = nullptr;
};

TEST_F(TrainedRun, WritesItsFilesAndALineAnEpoch) {
  EXPECT_EQ(trained_->status, 0) << trained_->err;
  for (const char* file : {"best.safetensors", "last.safetensors", "config.json", "history.csv"})
    EXPECT_TRUE(std::filesystem::exists(*shell_ / "run" / file)) << file;
  EXPECT_THAT(trained_->err, HasSubstr("epoch   1  loss"));
  EXPECT_THAT(trained_->err, HasSubstr("epoch   2  loss"));
  EXPECT_THAT(trained_->err, testing::Not(HasSubstr("\r")));  // no bar where there is no terminal
}

TEST_F(TrainedRun, ReportsItselfAsJson) {
  const Json report = json_of(*trained_);
  EXPECT_THAT(keys_of(report), IsSupersetOf({"out", "runs", "constant_predictor"}));
  const Json& run = report["runs"].at(0);
  EXPECT_EQ(run["epochs"], 2);
  EXPECT_EQ(run["ending"], "all epochs");
  EXPECT_THAT(keys_of(run["test"]), testing::UnorderedElementsAreArray(kMetrics));
}

TEST_F(TrainedRun, IsScoredAlikeByEval) {
  const Json score =
      json_of(shell_->run("dmd eval --checkpoint run --data synthetic:40 --device cpu --json"));
  EXPECT_THAT(keys_of(score), testing::UnorderedElementsAreArray(kMetrics));
  EXPECT_EQ(score["n"], 8);
  EXPECT_EQ(score, json_of(*trained_)["runs"][0]["test"]);

  const Result text = shell_->run("dmd eval --checkpoint run/last.safetensors --data synthetic:40");
  EXPECT_EQ(text.status, 0);
  for (const std::string& metric : kMetrics) EXPECT_THAT(text.out, HasSubstr(metric));
}

TEST_F(TrainedRun, PredictsEveryUtteranceWithItsHeadsAndEdges) {
  ASSERT_EQ(shell_->run("dmd predict --checkpoint run --data synthetic:40 --out p.csv").status, 0);
  const dmd::Table table = dmd::parse_csv(dmd::contents_of(*shell_ / "p.csv"), "p.csv");
  EXPECT_THAT(table.columns,
              testing::ElementsAre("id", "text", "label", "prediction", "logit_c", "logit_homo_l",
                                   "logit_homo_v", "logit_homo_a", "logit_hetero_l",
                                   "logit_hetero_v", "logit_hetero_a", "homo_v_to_l", "homo_a_to_l",
                                   "homo_l_to_v", "homo_a_to_v", "homo_l_to_a", "homo_v_to_a",
                                   "hetero_v_to_l", "hetero_a_to_l", "hetero_l_to_v",
                                   "hetero_a_to_v", "hetero_l_to_a", "hetero_v_to_a"));
  EXPECT_EQ(table.rows.size(), 8u);

  ASSERT_EQ(shell_->run("dmd predict --checkpoint run --data synthetic:40 --out p.jsonl").status,
            0);
  const std::string lines = dmd::contents_of(*shell_ / "p.jsonl");
  const Json first = Json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["id"], table.rows[0][0]);
  EXPECT_EQ(first["prediction"].get<float>(), std::stof(table.rows[0][3]));
}

TEST_F(TrainedRun, IsScoredWithoutModalities) {
  const std::string eval = "dmd eval --checkpoint run --data synthetic:40 --json ";
  const Json subsets = json_of(shell_->run(eval + "--robustness"));
  EXPECT_THAT(keys_of(subsets), testing::UnorderedElementsAre(
                                    "text + vision + audio", "text + vision", "text + audio",
                                    "vision + audio", "text", "vision", "audio"));
  EXPECT_EQ(subsets["text + vision + audio"], json_of(shell_->run(eval)));
  EXPECT_EQ(subsets["text + vision"], json_of(shell_->run(eval + "--drop audio")));
  EXPECT_EQ(subsets["audio"], json_of(shell_->run(eval + "--drop text,vision")));
  EXPECT_NE(subsets["text"], subsets["audio"]);
}

// There and back: PyTorch writes what it read, and the scores stay.
TEST_F(TrainedRun, GoesToPyTorch) {
  const char* named = std::getenv("TRINE_PYTHON");
  const std::string python = named ? named : "python3";
  if (shell_->run(python + " -c 'import torch, safetensors'").status != 0)
    GTEST_SKIP() << python << " has no PyTorch or no safetensors; TRINE_PYTHON names another";
  const Result written = shell_->run(
      fmt::format("{} {}/scripts/to-pytorch run/best.safetensors torch", python, TRINE_SOURCE_DIR));
  ASSERT_EQ(written.status, 0) << written.err;
  const std::string eval = "dmd eval --data synthetic:40 --json --checkpoint ";
  EXPECT_EQ(json_of(shell_->run(eval + "torch/model.pth --config run/config.json")),
            json_of(shell_->run(eval + "run")));
}

TEST_F(TrainedRun, NeedsAnEncoderForASentence) {
  expect_error(shell_->run("dmd predict --checkpoint run --text 'how nice'"), 1,
               "needs a model with a text encoder");
}

TEST_F(TrainedRun, GoesOnForMoreEpochs) {
  const Result more = shell_->run(
      "cp -r run more && dmd train --data synthetic:40 --resume more --epochs 3 --json");
  EXPECT_EQ(json_of(more)["runs"][0]["epochs"], 3);
  ASSERT_EQ(shell_->train("--epochs 3 --out whole").status, 0);
  const Result compared = shell_->run(
      "cut -d, -f1-36 more/history.csv >a; cut -d, -f1-36 whole/history.csv >b; cmp a b");
  EXPECT_EQ(compared.status, 0) << compared.out;
}

TEST(Train, ShowsTheModelBesideTheConstantPredictor) {
  const Shell shell;
  const Result result = shell.train("--epochs 1 --out run --variant paper");
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char* part : {"MAE", "model", "constant", "files: run", "best.safetensors"})
    EXPECT_THAT(result.out, HasSubstr(part));
  EXPECT_THAT(dmd::contents_of(shell / "run/config.json"), HasSubstr("\"variant\": \"paper\""));
}

TEST(Train, RunsSeveralSeedsAndSumsThemUp) {
  const Shell shell;
  const Result result = shell.train("--epochs 1 --out runs --seeds 5,6 --json");
  EXPECT_EQ(json_of(result)["runs"].size(), 2u);
  const dmd::Table table =
      dmd::parse_csv(dmd::contents_of(shell / "runs/results.csv"), "results.csv");
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.columns[1], "MAE");
  for (std::size_t row : {0u, 1u, 2u, 3u})
    EXPECT_EQ(table.rows[row][0], (std::array{"5", "6", "mean", "std"}[row]));
  EXPECT_TRUE(std::filesystem::exists(shell / "runs/seed-6/best.safetensors"));

  expect_error(shell.train("--out runs --seeds 7,8"), 1, "holds runs already");

  // One run lost its end, the other never began.
  const Json again = json_of(shell.run(
      "rm -r runs/seed-6 && dmd train --data synthetic:40 --resume runs --epochs 2 --json"));
  for (const Json& run : again["runs"]) EXPECT_EQ(run["epochs"], 2);
}

TEST(Train, SavesAndExitsWith130WhenInterrupted) {
  const Shell shell;
  for (const char* signal : {"INT", "TERM"}) {
    // Waits for the end of the first epoch, or for the program if it fails before.
    const Result stopped = shell.run(
        fmt::format("\"$DMD\" {} --epochs 500 --set early_stop=500 --out {} & child=$!; "
                    "while kill -0 $child && [ ! -e {}/last.safetensors ]; do sleep 0.1; done; "
                    "kill -{} $child; wait $child",
                    kTrainFlags, signal, signal, signal));
    EXPECT_EQ(stopped.status, 130) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("go on with: dmd train --data synthetic:40 --resume"));
  }
  const Result resumed = shell.run("dmd train --data synthetic:40 --resume TERM --epochs 1 --json");
  EXPECT_EQ(resumed.status, 0) << resumed.err;
}

TEST(Devices, AreListed) {
  const Shell shell;
  const Json listing = json_of(shell.run("dmd devices --json"));
  std::vector<std::string> ids;
  for (const Json& device : listing["devices"]) ids.push_back(device["id"]);
  EXPECT_THAT(ids, IsSupersetOf({"cpu", "reference"}));
  for (const Json& kind : listing["absent"]) EXPECT_NE(kind["reason"], "");
  EXPECT_TRUE(listing["unusable"].is_array());
  EXPECT_THAT(shell.run("dmd devices").out, HasSubstr("cpu"));
}

// The cpu takes the best kernels that the processor runs; those of the others must be right too.
TEST(Conformance, HoldsAtEveryLevelOfTheProcessor) {
  const Shell shell;
  for (const char* level : {"baseline", "avx2", "avx512"}) {
    const Result result =
        shell.run(fmt::format("TRINE_CPU_LEVEL={} dmd conformance --device cpu --json", level));
    if (result.status == 2) {
      EXPECT_THAT(result.err, HasSubstr("which this processor or build does not have"));
      EXPECT_STRNE(level, "baseline");
    } else {
      EXPECT_EQ(json_of(result)["passed"], true) << level;
    }
  }
}

TEST(Conformance, ReportsByOp) {
  const Shell shell;
  const Json report =
      json_of(shell.run("dmd conformance --device cpu --filter 'softmax/*' --json"));
  EXPECT_EQ(report["passed"], true);
  EXPECT_GT(report["ops"]["softmax"]["cases"], 0);
  EXPECT_EQ(report["device"]["id"], "cpu");
  for (const char* mode : {"grad", "support"}) {
    const Result result =
        shell.run(fmt::format("dmd conformance --device cpu --filter 'softmax/*' --mode {}", mode));
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("softmax"));
  }
}

TEST(Verify, ComparesWithTheGoldenNumbers) {
  const std::filesystem::path fixture = golden_folder();
  const Shell shell;
  const Json report = json_of(
      shell.run(fmt::format("dmd verify --fixture '{}' --device cpu --json", fixture.string())));
  EXPECT_EQ(report["passed"], true);
  EXPECT_THAT(keys_of(report), IsSupersetOf({"passed", "forward", "loss", "grad", "train"}));
}

TEST(Explain, ShowsUtterancesByNumberOrById) {
  const Shell shell;
  ASSERT_EQ(shell.train("--epochs 1 --out run").status, 0);
  const std::string line = "dmd explain --checkpoint run --data synthetic:60 ";
  const Result first = shell.run(line + "--count 2");
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(
      first.out,
      testing::AllOf(testing::HasSubstr("test-0: "), testing::HasSubstr("test-1: "),
                     testing::Not(testing::HasSubstr("test-2: ")), testing::HasSubstr("  score  "),
                     testing::HasSubstr("what the own part of text says"),
                     testing::HasSubstr("edges_hetero: hetero_")));
  EXPECT_THAT(shell.run(line + "--id test-3").out, testing::StartsWith("test-3: "));
  const Result absent = shell.run(line + "--id nobody");
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, testing::HasSubstr("the test split has no utterance 'nobody'"));
}

// Both files hold the same arrays, and the prediction among them is that of the rows.
TEST(Predict, WritesRepresentations) {
  const Shell shell;
  ASSERT_EQ(shell.train("--epochs 1 --out run").status, 0);
  const std::string line = "dmd predict --checkpoint run --data synthetic:60 --representations ";
  EXPECT_EQ(shell.run(line + "r.safetensors --out p.csv").status, 0);
  const trine::io::NamedArrays arrays = trine::io::read_safetensors(shell / "r.safetensors").arrays;
  const dmd::Table rows = dmd::parse_csv(dmd::contents_of(shell / "p.csv"), "p.csv");
  const std::vector<float> prediction = find(arrays, "prediction")->to_f32();
  ASSERT_EQ(prediction.size(), rows.rows.size());
  for (std::size_t i = 0; i < prediction.size(); ++i)
    EXPECT_NEAR(prediction[i], std::stof(rows.rows[i][3]), 1e-5f);
  EXPECT_EQ(to_string(*find(arrays, "common_l")), "f32 (12, 10, 10)");

  EXPECT_EQ(shell.run(line + "r.npz").status, 0);
  const trine::io::ZipArchive archive(trine::io::map_file(shell / "r.npz"));
  EXPECT_EQ(archive.names().size(), arrays.size());
  const std::vector<std::byte> npy = archive.read("prediction.npy");
  ASSERT_EQ(npy.size() % 64, (prediction.size() * sizeof(float)) % 64);
  std::vector<float> read(prediction.size());
  std::memcpy(read.data(), npy.data() + npy.size() - read.size() * sizeof(float),
              read.size() * sizeof(float));
  EXPECT_EQ(read, prediction);
  EXPECT_THAT(shell.run(line + "r.txt").err, testing::HasSubstr(".npz or .safetensors"));
}

TEST(Version, NamesWhatWasBuilt) {
  const Shell shell;
  const Result result = shell.run("dmd --version");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, testing::MatchesRegex("dmd [0-9.]+ \\(.+\\), backends: cpu.*\n"));
}

TEST(Models, AreListedWithWhatTheyName) {
  const Shell shell;
  const Json models = json_of(shell.run("dmd models --json")).at("models");
  ASSERT_GE(models.size(), 2u);
  for (const Json& model : models) {
    EXPECT_GT(model.at("parameters").get<std::int64_t>(), 0) << model;
    EXPECT_EQ(model.at("losses").front(), "total");
    EXPECT_EQ(model.at("outputs").front().at("kind"), "prediction");
  }
  EXPECT_THAT(shell.run("dmd models").out, testing::HasSubstr("late_fusion"));
}

TEST(Graph, PrintsThePlanAPassAndADrawing) {
  const Shell shell;
  const Result plan = shell.run("dmd graph --config tiny --program apply");
  EXPECT_THAT(plan.out, HasSubstr("passes: capture, "));
  EXPECT_THAT(plan.out, HasSubstr("arena"));
  const Result pass = shell.run("dmd graph --config tiny --program apply --pass capture");
  EXPECT_THAT(pass.out, HasSubstr("adam"));
  const Result drawing = shell.run("dmd graph --config tiny --program eval --dot model.dot");
  EXPECT_EQ(drawing.status, 0) << drawing.err;
  const std::string dot = dmd::contents_of(shell / "model.dot");
  EXPECT_THAT(dot, testing::StartsWith("digraph"));
  EXPECT_THAT(dot, HasSubstr("trans_l_mem"));
  EXPECT_THAT(dot, testing::EndsWith("}\n"));
}

TEST(Convert, MakesFeatureFilesThatTrain) {
  const Shell shell;
  const std::string features = TRINE_SOURCE_DIR "/tests/formats/data/features_numpy1_protocol4.pkl";
  const Result result = shell.run(fmt::format("dmd convert '{}' features.safetensors", features));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("wrote 7 utterances"));
}

TEST(Help, HasAnExampleForEachCommand) {
  const Shell shell;
  for (const char* command : {"train", "eval", "predict", "verify", "conformance", "devices",
                              "graph", "convert", "export"}) {
    const Result help = shell.run(fmt::format("dmd {} --help", command));
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out, HasSubstr(fmt::format("Example:\n  dmd {}", command)));
  }
  const Result help = shell.run("dmd --help");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("conformance"));
  const std::string train = shell.run("dmd train --help").out;
  for (const char* key : {"learning_rate", "mosei-unaligned", "--resume"})
    EXPECT_THAT(train, HasSubstr(key));
}

}  // namespace
}  // namespace cli_test
