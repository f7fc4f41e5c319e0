// The losses of the tasks by hand, in double.
#include "dmd/models/blocks/task.h"

#include <cmath>

#include <gmock/gmock.h>

#include "engine/evaluate.h"
#include "engine/ops/state.h"

namespace dmd {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;
using trine::Graph;
using trine::Tensor;

std::vector<double> values_of(const Graph& graph, Tensor tensor) {
  trine::Bindings nothing;
  return evaluate(graph, {tensor}, nothing).front().values;
}

double cross_entropy(std::vector<double> logits, std::size_t label) {
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit);
  return std::log(sum) - logits[label];
}

TEST(TaskLoss, OfNumbersIsTheMeanAbsoluteError) {
  Graph graph;
  const Tensor answer = literal(graph, {2, 1}, {1, -2}), labels = literal(graph, {2, 1}, {3, -1});
  EXPECT_THAT(values_of(graph, task_loss(Task::regression, answer, labels)), ElementsAre(1.5));
  EXPECT_THAT(values_of(graph, task_loss(Task::regression, trine::Tensors{answer, labels}, labels)),
              ElementsAre(1.5));
}

TEST(TaskLoss, OfClassesIsTheMeanCrossEntropy) {
  Graph graph;
  const Tensor answer = literal(graph, {2, 3}, {1, 0, -1, 0.5f, 2, 0}),
               labels = literal(graph, {2, 1}, {2, 1});
  const double expected = (cross_entropy({1, 0, -1}, 2) + cross_entropy({0.5, 2, 0}, 1)) / 2;
  EXPECT_THAT(values_of(graph, task_loss(Task::classification, answer, labels)),
              ElementsAre(DoubleNear(expected, 1e-9)));
}

TEST(TaskLoss, OfSeveralHeadsIsTheirSum) {
  Graph graph;
  const Tensor a = literal(graph, {2, 3}, {1, 0, -1, 0.5f, 2, 0}),
               b = literal(graph, {2, 3}, {0, 0, 3, 1, 1, -4}),
               labels = literal(graph, {2, 1}, {2, 1});
  const double apart = values_of(graph, task_loss(Task::classification, a, labels)).front() +
                       values_of(graph, task_loss(Task::classification, b, labels)).front();
  EXPECT_THAT(values_of(graph, task_loss(Task::classification, trine::Tensors{a, b}, labels)),
              ElementsAre(DoubleNear(apart, 1e-9)));
}

// exp(2000) is beyond f32 and f64, and so would be what a sigmoid's logarithm needs.
TEST(TaskLoss, OfLogitsFarApartIsFinite) {
  Graph graph;
  const Tensor classes = literal(graph, {1, 2}, {1000, -1000}), label = literal(graph, {1, 1}, {1});
  EXPECT_THAT(values_of(graph, task_loss(Task::classification, classes, label)),
              ElementsAre(DoubleNear(2000, 1e-3)));
  const Tensor questions =
                   literal(graph, {1, 8}, {1000, -1000, 1000, -1000, 1000, -1000, 1000, -1000}),
               answers = literal(graph, {1, 4}, {1, 1, 1, 1});
  EXPECT_THAT(values_of(graph, task_loss(Task::emotion, questions, answers)),
              ElementsAre(DoubleNear(2000, 1e-3)));
}

TEST(ComparableLabels, AreOneNumberOnTheTasksScale) {
  Graph graph;
  const Tensor one = literal(graph, {2, 1}, {2, 1}),
               four = literal(graph, {3, 4}, {0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1});
  EXPECT_EQ(comparable_labels(Task::regression, one).scale, LabelScale::interval);
  EXPECT_EQ(comparable_labels(Task::classification, one).scale, LabelScale::nominal);
  const ComparableLabels emotions = comparable_labels(Task::emotion, four);
  EXPECT_EQ(emotions.scale, LabelScale::nominal);
  EXPECT_EQ(emotions.values.shape(), (trine::Shape{3, 1}));
  EXPECT_THAT(values_of(graph, emotions.values), ElementsAre(0, 9, 7));
}

// Labels of 0 and 1 are as far apart on one scale as on the other; those of 0 and 2 are not.
TEST(MarginLoss, OnANominalScaleEveryOtherClassIsEquallyFar) {
  Graph graph;
  const trine::Tensors features(kModalities.size(),
                                literal(graph, {3, 2}, {1, 0, 0.6f, 0.8f, 0, 1}));
  const auto loss = [&](std::vector<float> labels, LabelScale scale) {
    return values_of(graph, margin_loss(features, literal(graph, {3, 1}, std::move(labels)),
                                        Variant::reference, 0.5f, scale))
        .front();
  };
  EXPECT_DOUBLE_EQ(loss({0, 1, 1}, LabelScale::nominal), loss({0, 1, 1}, LabelScale::interval));
  EXPECT_DOUBLE_EQ(loss({0, 2, 2}, LabelScale::nominal), loss({0, 1, 1}, LabelScale::interval));
  EXPECT_NE(loss({0, 2, 2}, LabelScale::nominal), loss({0, 2, 2}, LabelScale::interval));
}

}  // namespace
}  // namespace dmd
