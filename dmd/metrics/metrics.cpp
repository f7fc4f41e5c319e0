#include "dmd/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "dmd/metrics/confusion.h"
#include "dmd/metrics/pairs.h"

namespace dmd {
namespace {

constexpr std::array kNames{
    MetricName{"MAE", &Metrics::mae, false},
    MetricName{"Corr", &Metrics::corr, true},
    MetricName{"Acc_7", &Metrics::acc_7, true},
    MetricName{"Acc_5", &Metrics::acc_5, true},
    MetricName{"Acc_3", &Metrics::acc_3, true},
    MetricName{"Non0_acc_2", &Metrics::non0_acc_2, true},
    MetricName{"Non0_F1", &Metrics::non0_f1, true},
    MetricName{"Has0_acc_2", &Metrics::has0_acc_2, true},
    MetricName{"Has0_F1", &Metrics::has0_f1, true},
    MetricName{"Loss", &Metrics::loss, false},
};

// The class of a value among 2 * limit + 1. nearbyint rounds halves to even in the default
// rounding mode, as NumPy does.
double class_of(float value, float limit) {
  return std::nearbyint(double{std::clamp(value, -limit, limit)});
}

double class_accuracy(const Pairs& pairs, float limit) {
  std::size_t hits = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    hits += class_of(pairs.p[i], limit) == class_of(pairs.y[i], limit);
  return static_cast<double>(hits) / static_cast<double>(pairs.size());
}

}  // namespace

std::span<const MetricName> metric_names() { return kNames; }

Metrics score(std::span<const float> predictions, std::span<const float> labels,
              std::int64_t batch_size) {
  const Pairs pairs{predictions, labels};
  check(pairs);
  Confusion non0(2), has0(2);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs.y[i] != 0) non0.add(pairs.y[i] > 0, pairs.p[i] > 0);
    has0.add(pairs.y[i] >= 0, pairs.p[i] >= 0);
  }
  return {.mae = mean_absolute_error(pairs),
          .corr = correlation(pairs),
          .acc_7 = class_accuracy(pairs, 3),
          .acc_5 = class_accuracy(pairs, 2),
          .acc_3 = class_accuracy(pairs, 1),
          .non0_acc_2 = non0.accuracy(),
          .non0_f1 = non0.weighted_f1(),
          .has0_acc_2 = has0.accuracy(),
          .has0_f1 = has0.weighted_f1(),
          .loss = mean_batch_loss(pairs, batch_size),
          .n = static_cast<std::int64_t>(pairs.size())};
}

double non0_f1_mult(std::span<const float> predictions, std::span<const float> labels) {
  const Pairs pairs{predictions, labels};
  check(pairs);
  Confusion swapped(2);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (pairs.y[i] != 0) swapped.add(pairs.p[i] > 0, pairs.y[i] > 0);
  return swapped.weighted_f1();
}

double rounded_4(double value) {
  // Formatting rounds the exact binary value correctly, which scaling by 10000 would not.
  const std::string text = fmt::format("{:.4f}", value);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

}  // namespace dmd
