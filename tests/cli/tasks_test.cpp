// Classes and emotions from the shell: train, resume, score, predict, explain, export.
#include <algorithm>
#include <cmath>

#include "dmd/models/registry.h"
#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using formats::FeatureFile;
using formats::Fields;
using formats::floats;
using formats::strings;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kClassFlags = "--set task=classification --epochs 2";

// A configuration for the files below, whose sequences are three and two steps long.
constexpr const char* kSmall =
    "--set conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set conv1d_kernel_size_v=1 "
    "--set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set update_epochs=1 --set "
    "batch_size=4";

std::vector<float> random_values(std::size_t n, unsigned seed) {
  std::vector<float> values;
  for (std::size_t i = 0; i < n; ++i)
    values.push_back(std::sin(static_cast<float>(seed) + 37.7f * static_cast<float>(i * i % 1009)));
  return values;
}

// A split of random features, with `n` utterances.
Fields random_split(const std::string& name, std::size_t n, unsigned seed) {
  const auto rows = static_cast<std::int64_t>(n);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < n; ++i) ids.push_back(fmt::format("{}-{}", name, i));
  return {{"id", strings(ids)},
          {"text", floats({rows, 3, 4}, random_values(n * 12, seed))},
          {"audio", floats({rows, 2, 3}, random_values(n * 6, seed + 1))},
          {"vision", floats({rows, 3, 2}, random_values(n * 6, seed + 2))}};
}

// A file whose labels are what `add_labels` puts into the fields of a split of n utterances.
FeatureFile random_file(const std::function<void(Fields&, std::size_t n)>& add_labels) {
  FeatureFile file;
  const std::pair<const char*, std::size_t> sizes[] = {{"train", 14}, {"valid", 6}, {"test", 6}};
  unsigned seed = 0;
  for (const auto& [name, n] : sizes) {
    file.splits[name] = random_split(name, n, seed += 10);
    add_labels(file.splits[name], n);
  }
  return file;
}

// As UR-FUNNY has them: 0 or 1.
void add_two_classes(Fields& fields, std::size_t n) {
  std::vector<float> classes;
  for (std::size_t i = 0; i < n; ++i) classes.push_back(i % 3 == 0 ? 1.0f : 0.0f);
  fields["classification_labels"] = floats({static_cast<std::int64_t>(n)}, classes);
}

// As IEMOCAP has them: no and yes for each of four emotions.
void add_emotions(Fields& fields, std::size_t n) {
  std::vector<float> labels;
  for (std::size_t i = 0; i < 4 * n; ++i) {
    const bool yes = i % 5 == 0;
    labels.insert(labels.end(), {yes ? 0.0f : 1.0f, yes ? 1.0f : 0.0f});
  }
  fields["labels"] = floats({static_cast<std::int64_t>(n), 4, 2}, labels);
}

Result train_on(const Shell& shell, const FeatureFile& file, const std::string& flags) {
  dmd::write_contents(shell / "data.pkl", file.bytes());
  return shell.run(fmt::format("dmd train --data data.pkl {} {}", kSmall, flags));
}

TEST(ClassesFromTheShell, AreTrainedScoredAndPredicted) {
  const Shell shell;
  const Result trained = shell.train(fmt::format("--out run {} --json", kClassFlags));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, ContainsRegex("valid: Acc 0\\.[0-9]+  Macro_F1 0\\.[0-9]+  Loss"));
  const Json report = Json::parse(trained.out);
  EXPECT_TRUE(report["runs"][0]["test"].contains("Weighted_acc"));
  EXPECT_TRUE(report["constant_predictor"].contains("Macro_F1"));
  EXPECT_EQ(Json::parse(dmd::contents_of(shell / "run/config.json"))["classes"],
            (Json{"negative", "neutral", "positive"}));
  EXPECT_THAT(dmd::contents_of(shell / "run/history.csv"), HasSubstr(",valid_Macro_F1,"));

  const Result scored = shell.run("dmd eval --checkpoint run --data synthetic:40 --json");
  ASSERT_EQ(scored.status, 0) << scored.err;
  const Json scores = Json::parse(scored.out);
  EXPECT_EQ(scores["Acc"], report["runs"][0]["test"]["Acc"]);
  ASSERT_EQ(scores["confusion"].size(), 3u);
  int total = 0, support = 0, hits = 0;
  for (std::size_t label = 0; label < 3; ++label) {
    for (const Json& count : scores["confusion"][label]) total += count.get<int>();
    hits += scores["confusion"][label][label].get<int>();
    support += scores["classes"][label]["support"].get<int>();
  }
  EXPECT_EQ(total, 8);
  EXPECT_EQ(support, 8);
  EXPECT_NEAR(scores["Acc"].get<double>(), hits / 8.0, 1e-4);

  const std::string text = shell.run("dmd eval --checkpoint run --data synthetic:40").out;
  EXPECT_THAT(text, AllOf(HasSubstr("class     precision  recall      F1  support"),
                          HasSubstr("label \\ prediction  negative  neutral  positive")));
  EXPECT_THAT(shell.run("dmd eval --checkpoint run --data synthetic:40 --robustness").out,
              AllOf(HasSubstr("Macro_F1"), HasSubstr("vision + audio")));
}

TEST(ClassesFromTheShell, ArePredictedByNameWithProbabilities) {
  const Shell shell;
  ASSERT_EQ(shell.train(fmt::format("--out run {}", kClassFlags)).status, 0);
  ASSERT_EQ(shell.run("dmd predict --checkpoint run --data synthetic:40 --out p.jsonl").status, 0);
  std::istringstream lines(dmd::contents_of(shell / "p.jsonl"));
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const Json row = Json::parse(line);
    double sum = 0, largest = 0;
    for (const char* name : {"negative", "neutral", "positive"}) {
      const double probability = row[fmt::format("probability_{}", name)];
      sum += probability;
      largest = std::max(largest, probability);
    }
    EXPECT_NEAR(sum, 1, 1e-5);
    const std::string prediction = row["prediction"];
    EXPECT_EQ(row[fmt::format("probability_{}", prediction)].get<double>(), largest);
    EXPECT_TRUE(row.contains("logit_hetero_l_neutral"));
  }
  EXPECT_EQ(rows, 8);
  ASSERT_EQ(shell.run("dmd predict --checkpoint run --data synthetic:40 --out p.csv").status, 0);
  EXPECT_THAT(dmd::contents_of(shell / "p.csv"),
              testing::StartsWith("id,text,label,prediction,probability_negative,"
                                  "probability_neutral,probability_positive,logit_c_negative,"));

  EXPECT_THAT(shell.run("dmd explain --checkpoint run --data synthetic:40 --count 1").out,
              ContainsRegex("answer (negative|neutral|positive) 0\\.[0-9]+, .*label "));
  EXPECT_EQ(
      shell.run("dmd predict --checkpoint run --data synthetic:40 --representations r.safetensors")
          .status,
      0);
  EXPECT_EQ(shell.run("dmd export --checkpoint run --out x.onnx").status, 0);
  EXPECT_THAT(dmd::contents_of(shell / "x.onnx"),
              HasSubstr("a logit for each of the classes negative, neutral, positive"));
}

TEST(ClassesFromTheShell, OfSeveralSeedsAreSummedUp) {
  const Shell shell;
  const Result result = shell.train("--seeds 1,2 --out runs --set task=classification --epochs 1");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Weighted_F1"), HasSubstr("std"),
                                HasSubstr("constant predictor: Acc 0.")));
  EXPECT_THAT(dmd::contents_of(shell / "runs/results.csv"),
              testing::StartsWith("seed,Acc,Weighted_acc,Macro_F1,Weighted_F1,Loss,best_epoch"));
}

// Every model, from a file of its own kind, cut off and resumed.
class FilesOfATask : public testing::TestWithParam<const dmd::ModelDef*> {
 protected:
  static bool learns(std::string_view task) {
    const auto& tasks = GetParam()->tasks;
    return std::ranges::find(tasks, task) != tasks.end();
  }

  void train_score_and_resume(const FeatureFile& file, const std::string& task) {
    const Shell shell;
    const std::string flags =
        fmt::format("--model {} --config tiny --set task={}", GetParam()->name, task);
    const Result whole = train_on(shell, file, flags + " --epochs 2 --out whole");
    ASSERT_EQ(whole.status, 0) << whole.err;
    ASSERT_EQ(train_on(shell, file, flags + " --epochs 1 --out cut").status, 0);
    const Result resumed = shell.run("dmd train --data data.pkl --resume cut --epochs 2");
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(measurements(shell / "cut"), measurements(shell / "whole"));
    const Result scored = shell.run("dmd eval --checkpoint whole --data data.pkl --json");
    ASSERT_EQ(scored.status, 0) << scored.err;
    scores_ = Json::parse(scored.out);
    ASSERT_EQ(shell.run("dmd predict --checkpoint whole --data data.pkl --out p.csv").status, 0);
    head_ = dmd::contents_of(shell / "p.csv");
    head_ = head_.substr(0, head_.find('\n'));
    explained_ = shell.run("dmd explain --checkpoint whole --data data.pkl --count 6").out;
  }

  Json scores_;
  std::string head_, explained_;
};

TEST_P(FilesOfATask, OfTwoClasses) {
  if (!learns("classification")) return;
  train_score_and_resume(random_file(add_two_classes), "classification");
  EXPECT_EQ(scores_["n"], 6);
  EXPECT_EQ(scores_["classes"][1]["class"], "1");
  EXPECT_EQ(scores_["classes"][1]["support"], 2);
  EXPECT_THAT(head_, HasSubstr("label,prediction,probability_0,probability_1"));
}

TEST_P(FilesOfATask, OfEmotions) {
  if (!learns("emotion")) return;
  train_score_and_resume(random_file(add_emotions), "emotion");
  for (const char* emotion : {"neutral", "happy", "sad", "angry"}) {
    EXPECT_TRUE(scores_.contains(fmt::format("Acc_{}", emotion)));
    EXPECT_TRUE(scores_.contains(fmt::format("F1_{}", emotion)));
    EXPECT_EQ(scores_["emotions"][emotion]["confusion"].size(), 2u);
    EXPECT_THAT(head_, AllOf(HasSubstr(fmt::format("label_{}", emotion)),
                             HasSubstr(fmt::format("prediction_{}", emotion)),
                             HasSubstr(fmt::format("probability_{}", emotion))));
  }
  EXPECT_THAT(explained_, AllOf(HasSubstr("label neutral"), HasSubstr("answer ")));
}

INSTANTIATE_TEST_SUITE_P(EveryModel, FilesOfATask, testing::ValuesIn(dmd::all_models()),
                         [](const auto& param) { return std::string(param.param->name); });

// ---- What is refused ----

void expect_refused(const FeatureFile& file, const std::string& task, const std::string& sentence) {
  const Shell shell;
  const Result result =
      train_on(shell, file, fmt::format("--set task={} --epochs 1 --out run", task));
  expect_error(result, 1, sentence);
  EXPECT_FALSE(std::filesystem::exists(shell / "run"));
}

FeatureFile of_classes(std::vector<std::string> train, std::vector<std::string> others) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits)
    fields["classification_labels"] = strings(name == "train" ? train : others);
  return file;
}

TEST(BadLabels, FilesWithoutClassesSayWhatTheyHave) {
  expect_refused(FeatureFile(), "classification",
                 "its split train has no 'classification_labels': there are 'audio', 'id'");
}

TEST(BadLabels, AClassThatIsNeverTrained) {
  expect_refused(of_classes({"a", "b"}, {"a", "c"}), "classification",
                 "data.pkl: the class 'c' is in valid (1 utterances) and is none of those that are "
                 "trained, a, b");
}

TEST(BadLabels, ASingleClass) {
  expect_refused(of_classes({"a", "a"}, {"a", "a"}), "classification",
                 "every utterance of train is of the class 'a'");
}

TEST(BadLabels, OfAnotherShape) {
  FeatureFile one_hot;
  for (auto& [name, fields] : one_hot.splits)
    fields["classification_labels"] = floats({2, 2}, {1, 0, 0, 1});
  expect_refused(one_hot, "classification", "one class a sample, a name or a whole number");
  FeatureFile pairs;
  for (auto& [name, fields] : pairs.splits)
    fields["labels"] = floats({2, 4}, std::vector<float>(8));
  expect_refused(pairs, "emotion", "(samples, 4, 2) is expected: no and yes for neutral, happy");
}

TEST(BadLabels, OfClassesThatTheCheckpointDoesNotHave) {
  const Shell shell;
  const std::string flags = "--set task=classification --epochs 1 --out run";
  ASSERT_EQ(train_on(shell, of_classes({"a", "b"}, {"a", "b"}), flags).status, 0);
  dmd::write_contents(shell / "other.pkl", of_classes({"a", "b"}, {"a", "c"}).bytes());
  expect_error(shell.run("dmd eval --checkpoint run --data other.pkl"), 1,
               "the test split of other.pkl has the class 'c' (1 utterances), and the model's "
               "classes are a, b");
  expect_error(shell.run("dmd train --resume run --epochs 2 --data other.pkl"), 1,
               "other.pkl: the class 'c' is in valid");
  // A prediction needs no label, and says what the file says.
  ASSERT_EQ(shell.run("dmd predict --checkpoint run --data other.pkl --out p.csv").status, 0);
  EXPECT_THAT(dmd::contents_of(shell / "p.csv"), HasSubstr("video$_$2,two,c,"));

  dmd::write_contents(shell / "numbers.pkl", FeatureFile().bytes());
  expect_error(
      shell.run("dmd eval --checkpoint run --data numbers.pkl"), 1,
      "no utterance of the test split of numbers.pkl has classification_labels, and task = "
      "classification");
}

TEST(BadLabels, ThatAreMissingAreLeftOutWhereAsked) {
  const Shell shell;
  FeatureFile file = of_classes({"a", "b"}, {"a", "b"});
  ASSERT_EQ(train_on(shell, file, "--set task=classification --epochs 1 --out run").status, 0);
  file.splits["test"]["classification_labels"] = [](formats::PickleWriter& w) {
    w.mark().none().text("b").list();
  };
  dmd::write_contents(shell / "gap.pkl", file.bytes());
  expect_error(shell.run("dmd train --data gap.pkl --set task=classification"), 1,
               "in test, classification_labels of sample 'video$_$1' is missing");
  expect_error(shell.run("dmd eval --checkpoint run --data gap.pkl"), 1,
               "1 of 2 utterances of the test split of gap.pkl have no label");
  const Result scored =
      shell.run("dmd eval --checkpoint run --data gap.pkl --skip-unlabelled --json");
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_EQ(Json::parse(scored.out)["n"], 1);
  ASSERT_EQ(shell.run("dmd predict --checkpoint run --data gap.pkl --out p.csv").status, 0);
  EXPECT_THAT(dmd::contents_of(shell / "p.csv"),
              AllOf(ContainsRegex("one,,(a|b),"), ContainsRegex("two,b,(a|b),")));
}

TEST(BadTasks, AreNamed) {
  const Shell shell;
  expect_error(shell.run("dmd train --data synthetic --set task=clasification"), 2,
               "must be regression, classification or emotion");
  expect_error(shell.run("dmd train --data synthetic --set task=emotion"), 1,
               "the built-in data have sentiment and classes of it, and no emotions");
  expect_error(shell.run("dmd train --data synthetic --set task=classification --set metrics=sims"),
               2,
               "metrics = sims scores numbers, and task = classification has metrics of its own");
  expect_error(shell.run("dmd train --data synthetic --set classes=a,b"), 2,
               "classes are named, and task = regression");
  expect_error(shell.run("dmd train --data synthetic --set task=classification --set classes=a,a"),
               2, "classes names 'a' twice");
  expect_error(shell.run("dmd bench --config tiny --set task=classification"), 1,
               "the configuration names no classes");
}

// ---- Metrics of numbers ----

TEST(MetricSets, OfSimsAndOfMultStandInEveryReport) {
  const Shell shell;
  const Result sims = shell.train("--epochs 1 --out sims --set metrics=sims --json");
  ASSERT_EQ(sims.status, 0) << sims.err;
  EXPECT_TRUE(Json::parse(sims.out)["runs"][0]["test"].contains("Mult_acc_5"));
  EXPECT_THAT(dmd::contents_of(shell / "sims/history.csv"), HasSubstr(",valid_Mult_acc_2,"));
  EXPECT_THAT(shell.run("dmd explain --checkpoint sims --data synthetic:40 --count 1").out,
              HasSubstr("-1 ["));
  const Result mult =
      shell.run("dmd eval --checkpoint sims --data synthetic:40 --set metrics=mult --json");
  EXPECT_TRUE(Json::parse(mult.out).contains("Non0_F1_mult")) << mult.err;
}

TEST(MetricSets, LabelsFromMinusOneToOneAreToldOfSims) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits) fields["regression_labels"] = floats({2}, {-0.8f, 1});
  constexpr const char* kNote = "note: labels lie within -1 and 1";
  const Shell shell;
  const Result mosi = train_on(shell, file, "--epochs 1 --out mosi");
  ASSERT_EQ(mosi.status, 0) << mosi.err;
  EXPECT_EQ(mosi.err.find(kNote), mosi.err.rfind(kNote));
  EXPECT_THAT(mosi.err, HasSubstr("metrics=sims has the metrics of such data"));
  const Result sims = train_on(shell, file, "--epochs 1 --out sims --set metrics=sims");
  EXPECT_THAT(sims.err, Not(HasSubstr(kNote)));
  EXPECT_THAT(train_on(shell, FeatureFile(), "--epochs 1 --out wide").err, Not(HasSubstr(kNote)));
}

}  // namespace
}  // namespace cli_test
