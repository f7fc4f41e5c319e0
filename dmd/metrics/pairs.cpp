#include "dmd/metrics/pairs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/error.h"

namespace dmd {
namespace {

double mean(std::span<const float> values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

bool constant(std::span<const float> values) {
  return std::ranges::all_of(values, [&](float value) { return value == values.front(); });
}

std::vector<double> absolute_errors(const Pairs& pairs) {
  std::vector<double> errors(pairs.size());
  for (std::size_t i = 0; i < errors.size(); ++i)
    errors[i] = std::abs(double{pairs.p[i]} - double{pairs.y[i]});
  return errors;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

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

double mean_absolute_error(const Pairs& pairs) { return mean(absolute_errors(pairs)); }

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

double mean_over_batches(std::span<const double> losses, std::int64_t batch_size) {
  if (batch_size < 1) trine::fail("metrics: batch_size must be at least 1, not {}", batch_size);
  const auto size = static_cast<std::size_t>(batch_size);
  double sum = 0;
  std::size_t batches = 0;
  for (std::size_t at = 0; at < losses.size(); at += size, ++batches)
    sum += mean(losses.subspan(at, std::min(size, losses.size() - at)));
  return sum / static_cast<double>(batches);
}

double mean_batch_loss(const Pairs& pairs, std::int64_t batch_size) {
  return mean_over_batches(absolute_errors(pairs), batch_size);
}

}  // namespace dmd
