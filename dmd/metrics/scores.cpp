#include "dmd/metrics/scores.h"

#include <algorithm>

#include <fmt/format.h>

#include "dmd/metrics/metrics.h"
#include "engine/error.h"

namespace dmd {

double Scores::operator[](std::string_view name) const {
  const auto found = std::ranges::find(values, name, &NamedValues::value_type::first);
  if (found == values.end()) trine::fail("metrics: '{}' was not scored", name);
  return found->second;
}

std::string headline_of(const Scores& scores) {
  std::string text;
  for (const std::string& name : scores.headline) {
    const int width = name == "Corr" ? 7 : 6;  // it may be negative
    text += fmt::format("{}{} {:{}.4f}", text.empty() ? "" : "  ", name, scores[name], width);
  }
  return text;
}

Scores mosi_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size) {
  const Metrics metrics = score(predictions, labels, batch_size);
  Scores scores{.values = {}, .headline = {"MAE", "Corr", "Acc_7"}, .n = metrics.n, .tables = {}};
  for (const MetricName& metric : metric_names())
    scores.values.emplace_back(metric.name, metrics.*metric.member);
  return scores;
}

Scores mult_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size) {
  Scores scores = mosi_scores(predictions, labels, batch_size);
  const auto beside = std::ranges::find(scores.values, "Non0_F1", &NamedValues::value_type::first);
  scores.values.insert(beside + 1, {"Non0_F1_mult", non0_f1_mult(predictions, labels)});
  return scores;
}

}  // namespace dmd
