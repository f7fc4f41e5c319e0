// Scores of classes, of emotions and of CH-SIMS's numbers, by hand.
#include "dmd/metrics/scores.h"

#include <cmath>
#include <limits>

#include "tests/support/errors.h"

namespace dmd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Values = std::vector<float>;

constexpr double kExact = 1e-12;

// Of class 0: 3 right, 1 taken for 1. Of class 1: 1 right, 1 taken for 0. Of class 2: one, for 1.
Confusion example() {
  Confusion confusion(3);
  for (int i = 0; i < 3; ++i) confusion.add(0, 0);
  confusion.add(0, 1);
  confusion.add(1, 1);
  confusion.add(1, 0);
  confusion.add(2, 1);
  return confusion;
}

TEST(Confusion, SharesByHand) {
  const Confusion confusion = example();
  EXPECT_EQ(confusion.total(), 7u);
  EXPECT_EQ(confusion.support(0), 4u);
  EXPECT_EQ(confusion.predicted(1), 3u);
  EXPECT_NEAR(confusion.accuracy(), 4.0 / 7, kExact);
  EXPECT_NEAR(confusion.precision(0), 3.0 / 4, kExact);
  EXPECT_NEAR(confusion.recall(0), 3.0 / 4, kExact);
  EXPECT_NEAR(confusion.f1(0), 3.0 / 4, kExact);
  EXPECT_NEAR(confusion.precision(1), 1.0 / 3, kExact);
  EXPECT_NEAR(confusion.recall(1), 1.0 / 2, kExact);
  EXPECT_NEAR(confusion.f1(1), 2.0 / 5, kExact);
  EXPECT_EQ(confusion.precision(2), 0);  // never predicted
  EXPECT_EQ(confusion.f1(2), 0);
  EXPECT_NEAR(confusion.mean_recall(), (3.0 / 4 + 1.0 / 2 + 0) / 3, kExact);
  EXPECT_NEAR(confusion.macro_f1(), (3.0 / 4 + 2.0 / 5 + 0) / 3, kExact);
  EXPECT_NEAR(confusion.weighted_f1(), (4 * 3.0 / 4 + 2 * 2.0 / 5 + 0) / 7, kExact);
}

// A class that neither labels nor predictions have is no part of a mean over classes.
TEST(Confusion, ClassesThatDoNotOccurWeighNothing) {
  Confusion confusion(4);
  confusion.add(0, 0);
  confusion.add(0, 2);
  EXPECT_NEAR(confusion.mean_recall(), 1.0 / 2, kExact);
  EXPECT_NEAR(confusion.macro_f1(), (2.0 / 3 + 0) / 2, kExact);
  EXPECT_EQ(Confusion(2).accuracy(), 0);
}

const std::vector<std::string> kClasses{"a", "b", "c"};

TEST(ClassScores, TakeTheLargestLogitAndTheMeanCrossEntropyOfBatches) {
  const Values logits{2, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0};
  const Scores scores = class_scores(logits, Values{0, 1, 2, 1}, kClasses, /*batch_size=*/3);
  // Rows 2 and 3 have equal logits: the first of them counts, which is 0 in both.
  EXPECT_NEAR(scores["Acc"], 2.0 / 4, kExact);
  const auto loss = [](double own, double a, double b, double c) {
    return std::log(std::exp(a) + std::exp(b) + std::exp(c)) - own;
  };
  const double first = (loss(2, 2, 0, 0) + loss(1, 0, 1, 0) + loss(1, 1, 0, 1)) / 3;
  EXPECT_NEAR(scores.loss(), (first + std::log(3.0)) / 2, kExact);
  EXPECT_EQ(scores.n, 4);
  ASSERT_EQ(scores.tables.size(), 1u);
  EXPECT_EQ(scores.tables[0].classes, kClasses);
  EXPECT_EQ(scores.tables[0].confusion.count(2, 0), 1u);
  std::vector<std::string> names;
  for (const auto& [name, value] : scores.values) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("Acc", "Weighted_acc", "Macro_F1", "Weighted_F1", "Loss"));
  EXPECT_EQ(headline_of(scores).substr(0, 11), "Acc 0.5000 ");
}

TEST(ClassScores, OfLogitsFarApartAreFinite) {
  EXPECT_NEAR(class_scores(Values{2000, -2000, 0}, Values{1}, kClasses, 1).loss(), 4000, 1e-6);
}

TEST(ClassScores, BadInputIsNamed) {
  EXPECT_THAT(error_of([] { class_scores({}, {}, kClasses, 1); }), HasSubstr("no predictions"));
  EXPECT_THAT(error_of([] {
                class_scores(Values{1, 2}, Values{1}, kClasses, 1);
              }),
              HasSubstr("2 logits came with 1 labels"));
  for (const float label : {3.0f, -1.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THAT(error_of([&] {
                  class_scores(Values{1, 2, 3}, Values{label}, kClasses, 1);
                }),
                HasSubstr("the classes are 0 to 2"));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(error_of([&] {
                class_scores(Values{1, kInfinity, 3}, Values{1}, kClasses, 1);
              }),
              HasSubstr("training has diverged"));
}

// As MulT's program scores IEMOCAP: a tie is a no; F1 is weighted by the labels.
TEST(QuestionScores, ScoreEachQuestionByItself) {
  const Values logits{0, 1, 1, 1, 1, 0, 0, 2, 0, 1, 3, 0};  // yes tie | no yes | yes no
  const Scores scores =
      question_scores(logits, Values{1, 1, 0, 1, 0, 0}, {"happy", "sad"}, /*batch_size=*/8);
  EXPECT_NEAR(scores["Acc_happy"], 2.0 / 3, kExact);
  EXPECT_NEAR(scores["Acc_sad"], 2.0 / 3, kExact);
  // happy: labels 1 0 0, answers 1 0 1. F1 of no: 2/3, of yes: 2/3.
  EXPECT_NEAR(scores["F1_happy"], 2.0 / 3, kExact);
  // sad: labels 1 1 0, answers 0 1 0. F1 of no: 2/3, of yes: 2/3.
  EXPECT_NEAR(scores["F1_sad"], 2.0 / 3, kExact);
  const auto of = [](double own, double other) { return std::log1p(std::exp(other - own)); };
  EXPECT_NEAR(scores.loss(), (of(1, 0) + of(1, 1) + of(1, 0) + of(2, 0) + of(0, 1) + of(3, 0)) / 6,
              kExact);
  EXPECT_EQ(scores.n, 3);
  EXPECT_THAT(scores.headline, ElementsAre("Acc_happy", "Acc_sad", "Loss"));
  EXPECT_EQ(scores.tables[1].name, "sad");
}

// A value on a bound is of the class below it, as in MMSA's half-open intervals.
TEST(SimsScores, ClassesByHand) {
  const Values labels{-1, -0.7f, -0.1f, 0, 0.1f, 0.7f, 0.8f, 2};
  const Scores exact = sims_scores(labels, labels, 8);
  for (const char* name : {"Mult_acc_2", "Mult_acc_3", "Mult_acc_5", "F1_score", "Corr"})
    EXPECT_NEAR(exact[name], 1, kExact) << name;
  EXPECT_EQ(exact["MAE"], 0);

  const Values predictions{-0.7f, -0.6f, -0.05f, 0.05f, 0.2f, 0.71f, 1.5f, 1};
  const Scores scores = sims_scores(predictions, labels, 8);
  // + where above 0: labels - - - - + + + +, predictions - - - + + + + +.
  EXPECT_NEAR(scores["Mult_acc_2"], 7.0 / 8, kExact);
  EXPECT_NEAR(scores["F1_score"], 0.5 * 6 / 7 + 0.5 * 8 / 9, kExact);
  // Labels 0 0 0 1 1 2 2 2, predictions 0 0 1 1 2 2 2 2.
  EXPECT_NEAR(scores["Mult_acc_3"], 6.0 / 8, kExact);
  // Labels 0 0 1 2 2 3 4 4, predictions 0 1 2 2 3 4 4 4.
  EXPECT_NEAR(scores["Mult_acc_5"], 4.0 / 8, kExact);
  // Limited to [-1, 1]: .3 + .1 + .05 + .05 + .1 + .01 + .2 + 0.
  EXPECT_NEAR(scores["MAE"], 0.81 / 8, 1e-7);
  // The loss is what training takes: 1.5 and 2 as they are.
  EXPECT_NEAR(scores.loss(), (0.61 + 0.7 + 1) / 8, 1e-7);
}

TEST(MultScores, StandBesideOurs) {
  const Values labels{1, -1, 2, 0, -2}, predictions{1, 1, -1, 1, -2};
  const Scores ours = mosi_scores(predictions, labels, 2),
               theirs = mult_scores(predictions, labels, 2);
  EXPECT_EQ(theirs.values.size(), ours.values.size() + 1);
  for (const auto& [name, value] : ours.values) EXPECT_EQ(theirs[name], value);
  // Over y ≠ 0: y + - + -, p + + - -, weighted by the predictions.
  EXPECT_NEAR(theirs["Non0_F1_mult"], 0.5, kExact);
  EXPECT_THAT(error_of([&] { ours["Non0_F1_mult"]; }), HasSubstr("'Non0_F1_mult' was not scored"));
}

}  // namespace
}  // namespace dmd
