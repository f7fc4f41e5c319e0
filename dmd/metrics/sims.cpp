#include <algorithm>
#include <array>
#include <vector>

#include "dmd/metrics/pairs.h"
#include "dmd/metrics/scores.h"

namespace dmd {
namespace {

// Upper bounds of the classes but the last; a value on a bound is of the class below.
constexpr std::array kBounds2{0.0f};
constexpr std::array kBounds3{-0.1f, 0.1f};
constexpr std::array kBounds5{-0.7f, -0.1f, 0.1f, 0.7f};

std::vector<float> limited(std::span<const float> values) {
  std::vector<float> result;
  for (const float value : values) result.push_back(std::clamp(value, -1.0f, 1.0f));
  return result;
}

std::size_t class_of(float value, std::span<const float> bounds) {
  return static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
}

Confusion confusion_of(const Pairs& pairs, std::span<const float> bounds) {
  Confusion confusion(bounds.size() + 1);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    confusion.add(class_of(pairs.y[i], bounds), class_of(pairs.p[i], bounds));
  return confusion;
}

}  // namespace

Scores sims_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size) {
  const Pairs given{predictions, labels};
  check(given);
  const std::vector<float> p = limited(predictions), y = limited(labels);
  const Pairs pairs{p, y};
  const Confusion two = confusion_of(pairs, kBounds2);
  return {.values = {{"Mult_acc_2", two.accuracy()},
                     {"Mult_acc_3", confusion_of(pairs, kBounds3).accuracy()},
                     {"Mult_acc_5", confusion_of(pairs, kBounds5).accuracy()},
                     {"F1_score", two.weighted_f1()},
                     {"MAE", mean_absolute_error(pairs)},
                     {"Corr", correlation(pairs)},
                     {"Loss", mean_batch_loss(given, batch_size)}},
          .headline = {"MAE", "Corr", "Mult_acc_2"},
          .n = static_cast<std::int64_t>(pairs.size()),
          .tables = {}};
}

}  // namespace dmd
