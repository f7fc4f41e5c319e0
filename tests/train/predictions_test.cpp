#include "dmd/runtime/predictions.h"

#include <cmath>

#include <gmock/gmock.h>

#include "dmd/train/baseline.h"
#include "tests/support/errors.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

using dmd::Column;
using dmd::error_of;
using dmd::Predictions;
using testing::AllOf;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

std::vector<std::string> names_of(const std::vector<const Column*>& columns) {
  std::vector<std::string> names;
  for (const Column* column : columns) names.push_back(column->name);
  return names;
}

DeviceModel initial_model(const Config& config) {
  DeviceModel on_device = model(config);
  on_device.set_arena(trine::nn::kParameters, on_device.parameters().initial_values(3));
  return on_device;
}

TEST(Predict, GivesEveryHeadAndEdgeOfEveryUtterance) {
  DeviceModel on_device = initial_model(config());
  const Dataset dataset = data();
  const Predictions predictions = predict(on_device, dataset.train);

  const auto heads = predictions.columns(dmd::OutputKind::head);
  const auto edges = predictions.columns(dmd::OutputKind::edges);
  EXPECT_EQ(predictions.prediction().size(), 37u);
  EXPECT_THAT(names_of(heads),
              testing::ElementsAre("logit_c", "logit_homo_l", "logit_homo_v", "logit_homo_a",
                                   "logit_hetero_l", "logit_hetero_v", "logit_hetero_a"));
  for (const Column* head : heads) EXPECT_EQ(head->values.size(), 37u);
  ASSERT_EQ(edges.size(), 12u);
  for (std::size_t unit : {0u, 6u}) {
    for (std::size_t row = 0; row < 37; ++row) {
      double sum = 0;
      for (std::size_t edge = 0; edge < 6; ++edge) sum += edges[unit + edge]->values.at(row);
      EXPECT_NEAR(sum, 1, 1e-5);
    }
  }
}

TEST(Predict, DoesNotDependOnTheBatchesThatItIsCutInto) {
  Config other_batches = config();
  other_batches.batch_size = 5;
  DeviceModel a = initial_model(config()), b = initial_model(other_batches);
  const Dataset dataset = data();
  const Predictions in_eights = predict(a, dataset.valid), in_fives = predict(b, dataset.valid);
  EXPECT_THAT(in_fives.prediction(), Pointwise(FloatNear(1e-5f), in_eights.prediction()));
  const auto eights = in_eights.columns(dmd::OutputKind::edges);
  const auto fives = in_fives.columns(dmd::OutputKind::edges);
  ASSERT_EQ(fives.size(), eights.size());
  for (std::size_t i = 0; i < eights.size(); ++i)
    EXPECT_THAT(fives[i]->values, Pointwise(FloatNear(1e-5f), eights[i]->values));
}

TEST(Predict, RefusesASplitOfOtherSizes) {
  DeviceModel on_device = initial_model(config());
  const Dataset other =
      dmd::make_synthetic(
          {.train = 1, .valid = 1, .test = 1, .widths = {6, 5, 4}, .steps = {5, 6, 9}})
          .data;
  EXPECT_THAT(error_of([&] { predict(on_device, other.test); }),
              AllOf(HasSubstr("audio"), HasSubstr("9"), HasSubstr("7")));
}

TEST(ConstantPredictor, AnswersTheMedianOfTheTrainingLabels) {
  dmd::Split train, test;
  test.labels = {1, 3};
  train.labels = {4, -1, 1};
  EXPECT_DOUBLE_EQ(dmd::constant_predictor(train, test, config())["MAE"], 1);
  EXPECT_DOUBLE_EQ(dmd::constant_predictor(train, test, config())["Acc_7"], 0.5);
  train.labels = {3, -1, 2, 1};
  EXPECT_DOUBLE_EQ(dmd::constant_predictor(train, test, config())["MAE"], 1);
  EXPECT_DOUBLE_EQ(dmd::constant_predictor(train, test, config())["Acc_7"], 0);
}

TEST(ConstantPredictor, AnswersTheMostFrequentClass) {
  Config of_classes = config();
  of_classes.task = dmd::Task::classification;
  of_classes.classes = {"a", "b", "c"};
  dmd::Split train, test;
  train.labels = {0, 1, 1, 1, 1};
  test.labels = {1, 0, 1, 2};
  const dmd::Scores scores = dmd::constant_predictor(train, test, of_classes);
  EXPECT_DOUBLE_EQ(scores["Acc"], 0.5);
  // Shares of 1 + 1, 4 + 1 and 0 + 1 of 8 labels.
  EXPECT_NEAR(scores["Loss"], (2 * std::log(8.0 / 5) + std::log(8.0 / 2) + std::log(8.0 / 1)) / 4,
              1e-6);
}

TEST(ConstantPredictor, AnswersForEachEmotion) {
  Config of_emotions = config();
  of_emotions.task = dmd::Task::emotion;
  dmd::Split train, test;
  train.label_width = test.label_width = 4;
  train.labels = {1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0};
  test.labels = {1, 0, 0, 1, 0, 0, 0, 1};
  const dmd::Scores scores = dmd::constant_predictor(train, test, of_emotions);
  EXPECT_DOUBLE_EQ(scores["Acc_neutral"], 0.5);
  EXPECT_DOUBLE_EQ(scores["Acc_happy"], 1);
  EXPECT_DOUBLE_EQ(scores["Acc_sad"], 1);
  EXPECT_DOUBLE_EQ(scores["Acc_angry"], 0);
  EXPECT_EQ(scores.n, 2);
}

}  // namespace
}  // namespace small_run
