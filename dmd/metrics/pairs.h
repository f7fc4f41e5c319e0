// Predictions beside their labels, and what every set of metrics takes of them. All sums run in
// double.
#pragma once

#include <cstdint>
#include <span>

namespace dmd {

struct Pairs {
  std::span<const float> p, y;
  std::size_t size() const { return p.size(); }
};

// Throws trine::Error if there are no predictions, their number is not the labels', or one is not
// finite.
void check(const Pairs& pairs);

double mean_absolute_error(const Pairs& pairs);

// Pearson's; 0 where p or y are constant.
double correlation(const Pairs& pairs);

// The mean over batches of the mean over a batch's samples, as training and validation take a loss;
// the last batch may be short. Throws trine::Error unless batch_size is at least 1.
double mean_over_batches(std::span<const double> losses, std::int64_t batch_size);

// mean_over_batches() of |p - y|.
double mean_batch_loss(const Pairs& pairs, std::int64_t batch_size);

}  // namespace dmd
