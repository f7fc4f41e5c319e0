#include "dmd/train/baseline.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dmd/runtime/predictions.h"

namespace dmd {
namespace {

// Of an even number the mean of the two in the middle.
float median(std::vector<float> values) {
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  if (values.size() % 2 == 1) return *upper;
  return (*std::max_element(values.begin(), upper) + *upper) / 2;
}

// The logarithms of how often each choice is among every `stride`-th label from `first` on.
std::vector<float> log_shares(const std::vector<float>& labels, std::size_t first,
                              std::size_t stride, std::size_t choices) {
  std::vector<double> counts(choices, 1.0);
  double total = static_cast<double>(choices);
  for (std::size_t i = first; i < labels.size(); i += stride, ++total)
    ++counts[static_cast<std::size_t>(labels[i])];
  std::vector<float> logits;
  for (const double count : counts) logits.push_back(static_cast<float>(std::log(count / total)));
  return logits;
}

std::vector<float> answer_of(const Split& train, const Config& config) {
  if (config.task == Task::regression) return {median(train.labels)};
  if (config.task == Task::classification)
    return log_shares(train.labels, 0, 1, config.classes.size());
  std::vector<float> answer;
  for (std::size_t question = 0; question < kEmotions.size(); ++question) {
    const std::vector<float> logits = log_shares(train.labels, question, kEmotions.size(), 2);
    answer.insert(answer.end(), logits.begin(), logits.end());
  }
  return answer;
}

}  // namespace

Scores constant_predictor(const Split& train, const Split& split, const Config& config) {
  const std::vector<float> answer = answer_of(train, config);
  std::vector<float> answers;
  for (std::int64_t row = 0; row < split.size(); ++row)
    answers.insert(answers.end(), answer.begin(), answer.end());
  return scores_of(answers, split, config);
}

std::string_view constant_answer(Task task) {
  switch (task) {
    case Task::classification:
      return "the most frequent class";
    case Task::emotion:
      return "the most frequent answer for each emotion";
    case Task::regression:
      break;
  }
  return "the median label";
}

}  // namespace dmd
