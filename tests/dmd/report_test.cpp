#include <cmath>
#include <limits>

#include "dmd/report/csv.h"
#include "dmd/report/history.h"
#include "dmd/report/results.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Csv, NumbersAreTheShortestThatReadBackExactly) {
  EXPECT_EQ(shortest(1.0), "1");
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest(-1e-300), "-1e-300");
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "nan");
  for (double value : {1.0 / 3, 2.5e-8, 123456.789, std::nextafter(1.0, 2.0)})
    EXPECT_EQ(std::stod(shortest(value)), value);
}

TEST(Csv, QuotesCellsThatNeedIt) {
  EXPECT_EQ(csv_line(std::vector<std::string>{"", "a", "b,c", "d\"e", "f\ng"}),
            ",a,\"b,c\",\"d\"\"e\",\"f\ng\"\n");
}

TEST(Csv, ReadsWhatItWrites) {
  const Table table{.columns = {"id", "text"},
                    .rows = {{"1", "plain"}, {"2", "a, \"b\"\r\nc"}, {"", ""}, {"é", "\""}}};
  EXPECT_EQ(parse_csv(to_csv(table), "t.csv"), table);
}

TEST(Csv, ReadsForeignLineEndings) {
  const Table expected{.columns = {"a", "b"}, .rows = {{"1", "2"}}};
  EXPECT_EQ(parse_csv("a,b\r\n1,2\r\n", "t.csv"), expected);
  EXPECT_EQ(parse_csv("\xEF\xBB\xBF"
                      "a,b\r\n1,2\r\n",
                      "t.csv"),
            expected);  // as spreadsheets save it
  EXPECT_EQ(parse_csv("a,b\n1,2", "t.csv"), expected);
}

TEST(Csv, BrokenTextIsNamed) {
  const auto message = [](std::string_view text) {
    return error_of([&] { parse_csv(text, "t.csv"); });
  };
  EXPECT_THAT(message(""), HasSubstr("t.csv is empty"));
  EXPECT_THAT(message("a,b\n1\n"), HasSubstr("row 1 has 1 cells, its head names 2 columns"));
  EXPECT_THAT(message("a\n\"b"), HasSubstr("line 2 opens a quote and never closes it"));
  EXPECT_THAT(message("a\n\"b\"c\n"), HasSubstr("line 2 goes on after a closing quote"));
}

TEST(Csv, AlignsColumns) {
  const Table table{.columns = {"metric", "value"}, .rows = {{"MAE", "0.91"}, {"n", "10487"}}};
  EXPECT_EQ(aligned(table),
            "metric  value\n"
            "-------------\n"
            "MAE      0.91\n"
            "n       10487\n");
}

TEST(History, WritesARowAnEpochWithSecondsLast) {
  const TemporaryFolder folder;
  History history(folder / "history.csv");
  history.add({{"epoch", 1}, {"loss", 0.1}}, 2.5);
  EXPECT_EQ(contents_of(folder / "history.csv"), "epoch,loss,seconds\n1,0.1,2.5\n");
  history.add({{"epoch", 2}, {"loss", 1.0 / 3}}, 3);
  EXPECT_EQ(contents_of(folder / "history.csv"),
            "epoch,loss,seconds\n1,0.1,2.5\n2,0.3333333333333333,3\n");
  EXPECT_EQ(history.epochs(), 2u);
}

TEST(History, ResumedKeepsTheFirstRowsAsTheyWere) {
  const TemporaryFolder folder;
  const auto file = folder / "history.csv";
  History whole(file);
  for (int epoch = 1; epoch <= 3; ++epoch)
    whole.add({{"epoch", epoch}, {"loss", 1.0 / epoch}}, 0.5);
  const std::string expected = contents_of(file);

  History resumed = History::resumed(file, 2);
  EXPECT_EQ(resumed.epochs(), 2u);
  resumed.add({{"epoch", 3}, {"loss", 1.0 / 3}}, 0.5);
  EXPECT_EQ(contents_of(file), expected);
}

TEST(History, ResumedBeforeTheFirstEpochNeedsNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(History::resumed(folder / "absent.csv", 0).epochs(), 0u);
}

TEST(History, AFileOfAnotherRunIsRefused) {
  const TemporaryFolder folder;
  const auto file = folder / "history.csv";
  History(file).add({{"epoch", 1}}, 1);
  EXPECT_THAT(error_of([&] { History::resumed(file, 2); }),
              HasSubstr("has 1 epochs, but the run to resume has finished 2"));
  History resumed = History::resumed(file, 1);
  EXPECT_THAT(error_of([&] { resumed.add({{"loss", 1}}, 1); }), HasSubstr("other columns"));
  EXPECT_EQ(resumed.epochs(), 1u);
}

TEST(History, AFolderThatIsNotThereIsAnError) {
  const TemporaryFolder folder;
  History history(folder / "absent/history.csv");
  EXPECT_THAT(error_of([&] { history.add({{"epoch", 1}}, 1); }), HasSubstr("history.csv"));
}

const std::vector<SeedResult> kResults{{.seed = 1111, .values = {{"MAE", 1.0}, {"Corr", 0.5}}},
                                       {.seed = 1112, .values = {{"MAE", 2.0}, {"Corr", 0.5}}},
                                       {.seed = 1113, .values = {{"MAE", 6.0}, {"Corr", 0.5}}}};

TEST(Results, SumUpSeedsByHand) {
  const TemporaryFolder folder;
  write_results(folder / "results.csv", kResults);
  // MAE: mean 9/3; squares (4 + 1 + 9) / (3 - 1) = 7.
  EXPECT_EQ(contents_of(folder / "results.csv"),
            "seed,MAE,Corr\n1111,1,0.5\n1112,2,0.5\n"
            "1113,6,0.5\nmean,3,0.5\nstd,2.64575,0\n");
}

TEST(Results, PrintWithFourDecimals) {
  EXPECT_EQ(results_text(kResults),
            "seed     MAE    Corr\n"
            "--------------------\n"
            "1111  1.0000  0.5000\n"
            "1112  2.0000  0.5000\n"
            "1113  6.0000  0.5000\n"
            "mean  3.0000  0.5000\n"
            "std   2.6458  0.0000\n");
}

TEST(Results, OneSeedHasNoSpread) {
  EXPECT_EQ(results_text(std::span(kResults).first(1)),
            "seed     MAE    Corr\n"
            "--------------------\n"
            "1111  1.0000  0.5000\n");
}

TEST(Results, RunsThatDoNotCompareAreRefused) {
  EXPECT_THAT(error_of([] { results_text({}); }), HasSubstr("no run"));
  std::vector<SeedResult> mixed = kResults;
  mixed[1].values.pop_back();
  EXPECT_THAT(error_of([&] { results_text(mixed); }), HasSubstr("seeds 1111 and 1112"));
}

}  // namespace
}  // namespace dmd
