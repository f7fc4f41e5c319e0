#include "dmd/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "engine/error.h"

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

// Predictions beside their labels; both have at least one entry, all finite.
struct Pairs {
  std::span<const float> p, y;
  std::size_t size() const { return p.size(); }
};

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double mean_absolute_error(const Pairs& pairs) {
  double sum = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    sum += std::abs(double{pairs.p[i]} - double{pairs.y[i]});
  return sum / static_cast<double>(pairs.size());
}

double mean_batch_loss(const Pairs& pairs, std::size_t batch_size) {
  double sum = 0;
  std::size_t batches = 0;
  for (std::size_t at = 0; at < pairs.size(); at += batch_size, ++batches) {
    const std::size_t size = std::min(batch_size, pairs.size() - at);
    sum += mean_absolute_error({pairs.p.subspan(at, size), pairs.y.subspan(at, size)});
  }
  return sum / static_cast<double>(batches);
}

double mean(std::span<const float> values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

bool constant(std::span<const float> values) {
  return std::ranges::all_of(values, [&](float value) { return value == values.front(); });
}

double correlation(const Pairs& pairs) {
  // Told by comparing, not by a variance of 0, which rounding seldom leaves exactly 0.
  if (constant(pairs.p) || constant(pairs.y)) return 0;
  const double mean_p = mean(pairs.p), mean_y = mean(pairs.y);
  double pp = 0, yy = 0, py = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double p = pairs.p[i] - mean_p, y = pairs.y[i] - mean_y;
    pp += p * p;
    yy += y * y;
    py += p * y;
  }
  return std::clamp(py / (std::sqrt(pp) * std::sqrt(yy)), -1.0, 1.0);
}

// The class of a value among 2 * limit + 1. nearbyint rounds halves to even in the default
// rounding mode, as NumPy does.
double class_of(float value, float limit) {
  return std::nearbyint(double{std::clamp(value, -limit, limit)});
}

double class_accuracy(const Pairs& pairs, float limit) {
  std::size_t hits = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    hits += class_of(pairs.p[i], limit) == class_of(pairs.y[i], limit);
  return share(hits, pairs.size());
}

// Counts of two classes: counts[label][prediction].
class Confusion {
 public:
  void add(bool label, bool prediction) { ++counts_[label][prediction]; }

  double accuracy() const { return share(counts_[0][0] + counts_[1][1], total()); }

  // A class that is in no label weighs nothing.
  double weighted_f1() const {
    return share(support(0), total()) * f1(0) + share(support(1), total()) * f1(1);
  }

 private:
  std::size_t support(int c) const { return counts_[c][0] + counts_[c][1]; }
  std::size_t predicted(int c) const { return counts_[0][c] + counts_[1][c]; }
  std::size_t total() const { return support(0) + support(1); }
  double f1(int c) const { return share(2 * counts_[c][c], support(c) + predicted(c)); }

  std::size_t counts_[2][2] = {};
};

void check(const Pairs& pairs) {
  if (pairs.p.size() != pairs.y.size()) {
    trine::fail("metrics: {} predictions came with {} labels", pairs.p.size(), pairs.y.size());
  }
  if (pairs.size() == 0) trine::fail("metrics: there are no predictions to score");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (std::isfinite(pairs.p[i]) && std::isfinite(pairs.y[i])) continue;
    trine::fail(
        "metrics: utterance {} of {} has prediction {} and label {}, and only finite numbers "
        "can be scored; if the prediction is not finite, training has diverged: try a "
        "smaller learning_rate",
        i, pairs.size(), pairs.p[i], pairs.y[i]);
  }
}

}  // namespace

std::span<const MetricName> metric_names() { return kNames; }

Metrics score(std::span<const float> predictions, std::span<const float> labels,
              std::int64_t batch_size) {
  const Pairs pairs{predictions, labels};
  check(pairs);
  if (batch_size < 1) trine::fail("metrics: batch_size must be at least 1, not {}", batch_size);

  Confusion non0, has0;
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
          .loss = mean_batch_loss(pairs, static_cast<std::size_t>(batch_size)),
          .n = static_cast<std::int64_t>(pairs.size())};
}

double non0_f1_mult(std::span<const float> predictions, std::span<const float> labels) {
  const Pairs pairs{predictions, labels};
  check(pairs);
  Confusion swapped;
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
