#include "dmd/runtime/answers.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace dmd {
namespace {

using Logits = std::span<const float>;

double probability(Logits logits, std::size_t choice) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return std::exp(logits[choice] - largest) / sum;
}

// The logits of no and of yes.
Logits question(Logits logits, std::size_t i) { return logits.subspan(2 * i, 2); }

}  // namespace

std::vector<std::string> choice_names(const Config& config) {
  if (config.task == Task::classification) return config.classes;
  if (config.task == Task::emotion) return {kEmotions.begin(), kEmotions.end()};
  return {};
}

std::vector<Choice> choices_of(const std::vector<float>& logits, const Config& config) {
  const bool is_class = config.task == Task::classification;
  std::vector<Choice> choices;
  for (const std::string& name : choice_names(config)) {
    const std::size_t i = choices.size();
    choices.push_back(
        {name, is_class ? probability(logits, i) : probability(question(logits, i), 1)});
  }
  return choices;
}

std::vector<float> decided(const std::vector<float>& logits, const Config& config) {
  if (config.task == Task::classification)
    return {static_cast<float>(std::ranges::max_element(logits) - logits.begin())};
  std::vector<float> answers;
  for (std::size_t i = 0; i < kEmotions.size(); ++i)
    answers.push_back(logits[2 * i + 1] > logits[2 * i] ? 1.0f : 0.0f);
  return answers;
}

std::string text_of_label(std::span<const float> label, const Config& config) {
  if (std::ranges::any_of(label, [](float number) { return std::isnan(number); })) return "";
  if (config.task == Task::classification)
    return config.classes.at(static_cast<std::size_t>(label.front()));
  std::string text;
  for (std::size_t i = 0; i < kEmotions.size(); ++i)
    if (label[i] == 1) text += fmt::format("{}{}", text.empty() ? "" : ", ", kEmotions[i]);
  return text.empty() ? "none of them" : text;
}

}  // namespace dmd
