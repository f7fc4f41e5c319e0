#include "dmd/metrics/metrics.h"

#include <array>
#include <limits>
#include <vector>

#include "engine/io/safetensors.h"
#include "tests/support/errors.h"

namespace dmd {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<float>;

constexpr double kExact = 1e-12;

// Eight utterances small enough to work by hand, with halves to round, values to clip and zeros.
const Values kPredictions{2.5f, -0.5f, 1.5f, 0.25f, -3.5f, 0.5f, -0.25f, 1.0f};
const Values kLabels{3.0f, 0.5f, 2.0f, 0.0f, -2.0f, -1.0f, 0.0f, 1.0f};

TEST(Metrics, MeanAbsoluteErrorByHand) {
  // (.5 + 1 + .5 + .25 + 1.5 + 1.5 + .25 + 0) / 8 = 5.5 / 8
  EXPECT_NEAR(score(kPredictions, kLabels, 8).mae, 0.6875, kExact);
}

TEST(Metrics, CorrelationByHand) {
  // Σp = 1.5, Σy = 3.5, Σpy = 17.75, Σp² = 22.375, Σy² = 19.25:
  // (17.75 - 1.5·3.5/8) / √((22.375 - 1.5²/8)(19.25 - 3.5²/8)) = 17.09375 / √(22.09375·17.71875)
  EXPECT_NEAR(score(kPredictions, kLabels, 8).corr, 0.8639449889601016, kExact);
}

TEST(Metrics, ClassAccuraciesByHand) {
  const Metrics metrics = score(kPredictions, kLabels, 8);
  // ±3: p 2 0 2 0 -3 0 0 1 (2.5 and 1.5 round to the even 2), y 3 0 2 0 -2 -1 0 1: five agree.
  EXPECT_NEAR(metrics.acc_7, 5.0 / 8, kExact);
  // ±2: p 2 0 2 0 -2 0 0 1, y 2 0 2 0 -2 -1 0 1: all but one.
  EXPECT_NEAR(metrics.acc_5, 7.0 / 8, kExact);
  // ±1: p 1 0 1 0 -1 0 0 1, y 1 0 1 0 -1 -1 0 1: all but one.
  EXPECT_NEAR(metrics.acc_3, 7.0 / 8, kExact);
}

TEST(Metrics, HalvesRoundToEven) {
  // 0.5 → 0, 1.5 → 2, 2.5 → 2, -0.5 → 0, -1.5 → -2, -2.5 → -2
  const Values halves{0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f};
  const Values even{0.0f, 2.0f, 2.0f, 0.0f, -2.0f, -2.0f};
  EXPECT_EQ(score(halves, even, 6).acc_7, 1.0);
}

TEST(Metrics, TwoClassesOverLabelsThatAreNotZeroByHand) {
  const Metrics metrics = score(kPredictions, kLabels, 8);
  // Rows 0 1 2 4 5 7: y + + + - - +, p + - + - + +: four of six agree.
  EXPECT_NEAR(metrics.non0_acc_2, 4.0 / 6, kExact);
  // +: 3 right of 4 labelled and 4 predicted, F1 = 6/8; -: 1 of 2 and 2, F1 = 2/4.
  EXPECT_NEAR(metrics.non0_f1, 4.0 / 6 * 6 / 8 + 2.0 / 6 * 2 / 4, kExact);
}

TEST(Metrics, TwoClassesOverAllLabelsByHand) {
  const Metrics metrics = score(kPredictions, kLabels, 8);
  // y + + + + - - + +, p + - + + - + - +: five of eight agree.
  EXPECT_NEAR(metrics.has0_acc_2, 5.0 / 8, kExact);
  // +: 4 right of 6 labelled and 5 predicted, F1 = 8/11; -: 1 of 2 and 3, F1 = 2/5.
  EXPECT_NEAR(metrics.has0_f1, 6.0 / 8 * 8 / 11 + 2.0 / 8 * 2 / 5, kExact);
}

TEST(Metrics, LossIsTheMeanOverBatchesNotOverUtterances) {
  // Batches of 3, 3 and 2: (2/3 + 3.25/3 + .25/2) / 3
  EXPECT_NEAR(score(kPredictions, kLabels, 3).loss, (2.0 / 3 + 3.25 / 3 + 0.125) / 3, kExact);
  EXPECT_NEAR(score(kPredictions, kLabels, 8).loss, 0.6875, kExact);
}

TEST(Metrics, AClassWithoutLabelsWeighsNothing) {
  // Every label is positive and half the predictions are: F1 of + is 2·1 / (2 + 1).
  const Metrics metrics = score(Values{1.0f, -1.0f}, Values{1.0f, 2.0f}, 2);
  EXPECT_NEAR(metrics.non0_f1, 2.0 / 3, kExact);
  EXPECT_NEAR(metrics.has0_f1, 2.0 / 3, kExact);
}

TEST(Metrics, NoLabelOtherThanZeroGivesZeroForNon0) {
  const Metrics metrics = score(Values{1.0f, -1.0f}, Values{0.0f, 0.0f}, 2);
  EXPECT_EQ(metrics.non0_acc_2, 0.0);
  EXPECT_EQ(metrics.non0_f1, 0.0);
  EXPECT_EQ(metrics.has0_acc_2, 0.5);
}

TEST(Metrics, CorrelationWithAConstantIsZero) {
  // 0.1f has no exact sum, so the variance of the constant comes out as a rounding error.
  const Values constant(7, 0.1f), line{1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(score(constant, line, 7).corr, 0.0);
  EXPECT_EQ(score(line, constant, 7).corr, 0.0);
  EXPECT_EQ(score(Values{1.0f}, Values{1.0f}, 1).corr, 0.0);
}

TEST(Metrics, CorrelationOfALineIsExactlyOne) {
  const Values x{0.1f, 0.2f, 0.3f, 0.7f}, negated{-0.1f, -0.2f, -0.3f, -0.7f};
  EXPECT_LE(score(x, x, 4).corr, 1.0);
  EXPECT_NEAR(score(x, x, 4).corr, 1.0, kExact);
  EXPECT_NEAR(score(x, negated, 4).corr, -1.0, kExact);
}

TEST(Metrics, CountsUtterances) { EXPECT_EQ(score(kPredictions, kLabels, 3).n, 8); }

TEST(Metrics, NamesStandInTheOrderOfReports) {
  std::vector<std::string_view> names;
  for (const MetricName& metric : metric_names()) names.push_back(metric.name);
  EXPECT_THAT(names, ::testing::ElementsAre("MAE", "Corr", "Acc_7", "Acc_5", "Acc_3", "Non0_acc_2",
                                            "Non0_F1", "Has0_acc_2", "Has0_F1", "Loss"));
  EXPECT_EQ(score(kPredictions, kLabels, 8).*metric_names()[2].member, 0.625);
}

TEST(Metrics, BadInputIsNamed) {
  EXPECT_THAT(error_of([] {
                score(Values{1}, Values{1, 2}, 1);
              }),
              HasSubstr("1 predictions came with 2 labels"));
  EXPECT_THAT(error_of([] { score(Values{}, Values{}, 1); }), HasSubstr("no predictions"));
  EXPECT_THAT(error_of([] { score(Values{1}, Values{1}, 0); }), HasSubstr("not 0"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(error_of([&] {
                score(Values{1, nan}, Values{1, 2}, 2);
              }),
              HasSubstr("utterance 1 of 2 has prediction nan"));
}

TEST(Metrics, RoundsToFourDecimalsAsPythonDoes) {
  EXPECT_EQ(rounded_4(0.86394498), 0.8639);
  EXPECT_EQ(rounded_4(1.00005), 1.0001);  // the double nearest 1.00005 lies above it
  EXPECT_EQ(rounded_4(0.00015), 0.0001);  // and that nearest 0.00015 below it
  EXPECT_EQ(rounded_4(0.03125), 0.0312);  // exactly a half: to even
}

TEST(Metrics, MultWeighsClassesByTheirPredictionsByHand) {
  const Values predictions{1, 1, 1, 1, -1, 0.5f}, labels{1, 1, -2, -1, -2, 0};
  // +: 2 right of 2 labelled and 4 predicted, F1 = 4/6; -: 1 of 3 and 1, F1 = 2/4. The zero is out.
  EXPECT_NEAR(non0_f1_mult(predictions, labels), 4.0 / 5 * 4 / 6 + 1.0 / 5 * 2 / 4, kExact);
  EXPECT_NEAR(score(predictions, labels, 6).non0_f1, 2.0 / 5 * 4 / 6 + 3.0 / 5 * 2 / 4, kExact);
}

// What MulT's program prints of the predictions in its golden numbers.
TEST(Metrics, AgreeWithMultsProgram) {
  const auto arrays = trine::io::read_safetensors(
                          TRINE_SOURCE_DIR "/tests/golden/data/mult_small/expected.safetensors")
                          .arrays;
  const auto values = [&](const char* name) { return find(arrays, name)->to_f64(); };
  const auto expected = values("metrics.values");
  const Values predictions = find(arrays, "metrics.pred")->to_f32(),
               labels = find(arrays, "metrics.label")->to_f32();
  const Metrics metrics = score(predictions, labels, 60);
  const double ours[] = {metrics.mae,
                         metrics.corr,
                         metrics.acc_7,
                         metrics.acc_5,
                         non0_f1_mult(predictions, labels),
                         metrics.non0_acc_2};
  EXPECT_THAT(ours, ::testing::Pointwise(::testing::DoubleNear(1e-6), expected));
  EXPECT_NE(metrics.non0_f1, ours[4]);
}

}  // namespace
}  // namespace dmd
