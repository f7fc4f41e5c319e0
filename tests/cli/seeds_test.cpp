// Runs of several seeds, scored and asked together.
#include <gmock/gmock.h>

#include "dmd/report/csv.h"
#include "tests/cli/program.h"

namespace cli_test {
namespace {

using testing::HasSubstr;

class SeveralSeeds : public testing::Test {
 protected:
  void SetUp() override {
    const Result trained = shell_.train("--seeds 1-3 --epochs 1 --out runs");
    ASSERT_EQ(trained.status, 0) << trained.err;
  }

  Json eval(const std::string& flags) {
    const Result result =
        shell_.run(fmt::format("dmd eval --data synthetic:40 --json --checkpoint {}", flags));
    EXPECT_EQ(result.status, 0) << result.err;
    return Json::parse(result.out, nullptr, /*allow_exceptions=*/false);
  }

  Shell shell_;
};

TEST_F(SeveralSeeds, AreScoredEachAndInTheMean) {
  const Json all = eval("runs");
  double sum = 0;
  for (int seed = 1; seed <= 3; ++seed) {
    const Json alone = eval(fmt::format("runs/seed-{}", seed));
    const Json& run = all.at("runs").at(static_cast<std::size_t>(seed - 1));
    EXPECT_EQ(run.at("seed"), seed);
    EXPECT_EQ(run.at("MAE"), alone.at("MAE"));
    sum += alone.at("MAE").get<double>();
  }
  EXPECT_NEAR(all.at("mean").at("MAE").get<double>(), sum / 3, 1e-4);
  EXPECT_GT(all.at("std").at("MAE").get<double>(), 0);
  const Result text = shell_.run("dmd eval --checkpoint runs --data synthetic:40");
  EXPECT_THAT(text.out, testing::ContainsRegex("\nmean +"));
  const Json subsets = eval("runs --robustness");
  EXPECT_EQ(subsets.size(), 7u);
  EXPECT_EQ(subsets.at("text + vision + audio"), all);
}

TEST_F(SeveralSeeds, PredictTogetherAndEach) {
  const auto column = [&](const std::string& run, const std::string& name) {
    const Result result =
        shell_.run(fmt::format("dmd predict --checkpoint {} --data synthetic:40 --out p.csv", run));
    EXPECT_EQ(result.status, 0) << result.err;
    const dmd::Table table = dmd::parse_csv(dmd::contents_of(shell_ / "p.csv"), "p.csv");
    const auto at = std::ranges::find(table.columns, name) - table.columns.begin();
    std::vector<double> values;
    for (const auto& row : table.rows) values.push_back(std::stod(row.at(std::size_t(at))));
    return values;
  };
  const std::vector<double> mean = column("runs", "prediction");
  std::vector<double> sum(mean.size());
  for (int seed = 1; seed <= 3; ++seed) {
    const std::vector<double> alone = column(fmt::format("runs/seed-{}", seed), "prediction");
    EXPECT_EQ(column("runs", fmt::format("prediction_seed_{}", seed)), alone);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += alone[i] / 3;
  }
  EXPECT_THAT(mean, testing::Pointwise(testing::DoubleNear(1e-6), sum));
}

TEST_F(SeveralSeeds, AreNamedOneByOneWhereOneIsMeant) {
  for (const char* command : {"explain --data synthetic:40", "export --out x.onnx",
                              "predict --data synthetic:40 --representations r.npz"})
    expect_error(shell_.run(fmt::format("dmd {} --checkpoint runs", command)), 1,
                 "runs holds runs of several seeds: name one of them, runs/seed-N");
  expect_error(shell_.run("dmd eval --checkpoint runs --data - </dev/null"), 2,
               "several seeds read the data more than once");
}

}  // namespace
}  // namespace cli_test
