// dmd export: the models it writes, the page that tells how to run them, and what it refuses.

#include <filesystem>

#include "dmd/report/csv.h"
#include "tests/cli/program.h"
#include "tests/onnx/parsed_model.h"
#include "tests/onnx/runtime.h"

namespace cli_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr const char* kFeatures =
    TRINE_SOURCE_DIR "/tests/formats/data/features_numpy1_protocol4.pkl";

// Training on two files' worth of lengths 4, 3 and 2 in a moment.
constexpr const char* kSmall =
    "--epochs 1 --set update_epochs=1 --set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set "
    "conv1d_kernel_size_l=2 --set conv1d_kernel_size_a=1 --set conv1d_kernel_size_v=1";

std::vector<std::string> names_of(const std::vector<trine::onnx::Port>& ports) {
  std::vector<std::string> names;
  for (const trine::onnx::Port& port : ports) names.push_back(port.name);
  return names;
}

// The program of docs/data.md, section ONNX.
std::string documented_program() {
  const std::string page = dmd::contents_of(TRINE_SOURCE_DIR "/docs/data.md");
  const std::size_t section = page.find("\n## ONNX\n");
  const std::string opening = "```python\n";
  const std::size_t begin = page.find(opening, section) + opening.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

TEST(Export, WritesWhatTheDocumentedProgramRuns) {
  TRINE_NEEDS_ONNX_RUNTIME();
  const Shell shell;
  std::filesystem::copy_file(kFeatures, shell / "mosi.pkl");
  ASSERT_EQ(shell.run(fmt::format("dmd train --data mosi.pkl --out run {}", kSmall)).status, 0);
  ASSERT_EQ(shell.run("dmd predict --checkpoint run --data mosi.pkl --out p.csv").status, 0);
  const Result exported = shell.run("dmd export --checkpoint run --out mosi.onnx");
  EXPECT_EQ(exported.status, 0) << exported.err;
  EXPECT_THAT(exported.err, HasSubstr("to mosi.onnx"));

  dmd::write_contents(shell / "program.py", documented_program());
  const Result run = shell.run(fmt::format("'{}' program.py", trine::onnx::python().string()));
  ASSERT_EQ(run.status, 0) << run.err;
  const auto scores = Json::parse(run.out).get<std::vector<float>>();
  const dmd::Table table = dmd::parse_csv(dmd::contents_of(shell / "p.csv"), "p.csv");
  ASSERT_EQ(scores.size(), table.rows.size());
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(scores[i], std::stof(table.rows[i][3]), 1e-5f);
}

// One run that the tests of this group share.
class TrainedModel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shell_ = new Shell;
    ASSERT_EQ(shell_->train("--epochs 1 --out run").status, 0);
  }
  static void TearDownTestSuite() { delete shell_; }

  static inline Shell* shell_ = nullptr;
};

TEST_F(TrainedModel, SaysWhatItReadsAndGives) {
  ASSERT_EQ(shell_->run("dmd export --checkpoint run --out run.onnx").status, 0);
  const trine::onnx::Model model = trine::onnx::parse_model(*shell_ / "run.onnx").model;
  EXPECT_THAT(names_of(model.inputs), testing::UnorderedElementsAre("text", "audio", "vision"));
  EXPECT_THAT(names_of(model.outputs),
              testing::ElementsAre("output", "logit_c", "logit_homo_l", "logit_homo_v",
                                   "logit_homo_a", "logit_hetero_l", "logit_hetero_v",
                                   "logit_hetero_a", "edges_homo", "edges_hetero"));
  EXPECT_EQ(model.producer, "dmd");
  EXPECT_FALSE(model.producer_version.empty());
  EXPECT_EQ(Json::parse(model.metadata.at("config"))["name"], "tiny");
  const Json inputs = Json::parse(model.metadata.at("inputs"));
  EXPECT_EQ(inputs["audio"]["shape"], Json::array({"batch", 20, 8}));
  EXPECT_THAT(inputs["audio"]["meaning"].get<std::string>(), HasSubstr("zeros on the left"));
  EXPECT_EQ(Json::parse(model.metadata.at("outputs"))["edges_homo"]["meaning"],
            "homo_v_to_l, homo_a_to_l, homo_l_to_v, homo_a_to_v, homo_l_to_a, homo_v_to_a; they "
            "add up to 1");
}

TEST_F(TrainedModel, MayHaveOneBatchSize) {
  ASSERT_EQ(shell_->run("dmd export --checkpoint run --batch 4 --out four.onnx").status, 0);
  const trine::onnx::Model model = trine::onnx::parse_model(*shell_ / "four.onnx").model;
  for (const trine::onnx::Port& port : model.inputs)
    EXPECT_EQ(port.shape.front(), trine::onnx::Dimension(std::int64_t{4})) << port.name;
}

TEST_F(TrainedModel, IsRefusedAFileThatCannotBe) {
  expect_error(shell_->run("dmd export --checkpoint run --out nowhere/run.onnx"), 1,
               "there is no folder");
  expect_error(shell_->run("dmd export --checkpoint run --out run.pb"), 2, ".onnx");
  expect_error(shell_->run("dmd export --checkpoint run"), 2, "--out is required");
  expect_error(shell_->run("dmd export --checkpoint run --out a.onnx --batch 0"), 2, "--batch");
  expect_error(shell_->run("dmd export --checkpoint nowhere --out a.onnx"), 1, "nowhere");
  expect_error(shell_->run("dmd export --checkpoint run --config tiny --out a.onnx"), 1,
               "leave --config out");
  expect_error(
      shell_->run("(ulimit -f 20; trap '' XFSZ; \"$DMD\" export --checkpoint run --out full.onnx)"),
      1, "cannot write");
  EXPECT_FALSE(std::filesystem::exists(*shell_ / "full.onnx"));
}

// The authors' checkpoints bring no configuration, and configurations by name no sizes.
TEST(Export, TakesSizesFromDataOrSettings) {
  const std::filesystem::path fixture = golden_folder();
  const Shell shell;
  std::filesystem::copy_file(fixture / "model.pth", shell / "model.pth");
  const std::string line = "dmd export --checkpoint model.pth --out model.onnx ";
  expect_error(shell.run(line), 1, "give the configuration of its model with --config");
  const std::string of_fixture =
      line +
      "--config tiny --set conv1d_kernel_size_l=5 --set conv1d_kernel_size_a=3 --set "
      "conv1d_kernel_size_v=1 ";
  expect_error(shell.run(of_fixture), 1, "does not say how long and wide the model's text is");
  expect_error(shell.run(of_fixture + "--data synthetic:40"), 1, "has shape");
  const Result made = shell.run(of_fixture + "--set feature_dims=16,5,7 --set seq_lens=12,15,18");
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("holds no parameters called homo.*, so edges_homo is left out"));
  EXPECT_THAT(names_of(trine::onnx::parse_model(shell / "model.onnx").model.outputs),
              testing::Not(Contains("edges_homo")));
}

}  // namespace
}  // namespace cli_test
