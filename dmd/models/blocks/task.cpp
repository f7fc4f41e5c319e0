#include "dmd/models/blocks/task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/softmax.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;

constexpr auto kQuestions = static_cast<std::int64_t>(kEmotions.size());

// The probabilities that an answer should give: (B, K), or (B, 4, 2) of no and yes.
Tensor targets_of(Task task, Tensor labels, std::int64_t width) {
  if (task == Task::emotion) {
    const Tensor yes = unsqueeze(labels, 2);
    return trine::concat({1.0f - yes, yes}, /*axis=*/2);
  }
  std::vector<float> numbers;
  for (std::int64_t k = 0; k < width; ++k) numbers.push_back(static_cast<float>(k));
  return equal(labels, literal(labels.graph(), {1, width}, std::move(numbers)));
}

Tensor cross_entropy(Task task, const Tensors& answers, Tensor labels) {
  const auto heads = static_cast<std::int64_t>(answers.size());
  const std::int64_t batch = labels.dim(0), width = answers.front().dim(1);
  const bool asks = task == Task::emotion;
  const trine::Shape shape =
      asks ? trine::Shape{batch, heads, kQuestions, 2} : trine::Shape{batch, heads, width};
  const Tensor logits = reshape(trine::concat(answers, /*axis=*/1), shape);
  const Tensor targets = unsqueeze(targets_of(task, labels, width), 1);
  const auto rows = static_cast<float>(asks ? batch * kQuestions : batch);
  return sum(targets * log_softmax(logits)) * (-1.0f / rows);
}

}  // namespace

std::vector<std::string_view> every_task() {
  std::vector<std::string_view> names;
  for (const Task task : kTasks) names.push_back(name_of(task));
  return names;
}

Tensor task_loss(Task task, Tensor answer, Tensor labels) {
  if (task != Task::regression) return cross_entropy(task, {answer}, labels);
  return mean(abs(answer - labels));
}

Tensor task_loss(Task task, const Tensors& answers, Tensor labels) {
  if (task != Task::regression) return cross_entropy(task, answers, labels);
  const Tensor errors = abs(trine::concat(answers, /*axis=*/1) - labels);  // (B, heads)
  return sum(mean(errors, {0}));
}

ComparableLabels comparable_labels(Task task, Tensor labels) {
  if (task != Task::emotion)
    return {labels, task == Task::regression ? LabelScale::interval : LabelScale::nominal};
  // The answers read as binary digits tell which of the 16 combinations it is.
  const Tensor places = literal(labels.graph(), {1, kQuestions}, {8, 4, 2, 1});
  return {sum(labels * places, {1}, /*keep=*/true), LabelScale::nominal};
}

Output prediction_output(const Config& config, Tensor value) {
  std::string meaning = config.metrics == MetricSet::sims ? "the prediction: sentiment, -1 to 1"
                                                          : "the prediction: sentiment, -3 to 3";
  if (config.task == Task::classification)
    meaning = fmt::format("the prediction: a logit for each of the classes {}",
                          fmt::join(config.classes, ", "));
  if (config.task == Task::emotion)
    meaning = fmt::format("the prediction: logits of no and yes for each emotion, {}",
                          fmt::join(kEmotions, ", "));
  return named_output("output", OutputKind::prediction, std::move(meaning), value);
}

std::vector<std::string> answer_columns(const Config& config) {
  if (config.task == Task::classification) return config.classes;
  std::vector<std::string> columns;
  if (config.task == Task::emotion)
    for (const std::string_view emotion : kEmotions)
      for (const std::string_view answer : {"no", "yes"})
        columns.push_back(fmt::format("{}_{}", emotion, answer));
  return columns;
}

}  // namespace dmd
