// How well predictions match labels, with the names and definitions of the MMSA framework, whose
// users compare with published tables. All sums run in double.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dmd {

// p predictions, y labels, n of them.
struct Metrics {
  double mae = 0;         // mean |p - y|
  double corr = 0;        // Pearson's correlation; 0 where p or y are constant or n is 1
  double acc_7 = 0;       // share of round(clip(p, ±3)) = round(clip(y, ±3)), halves to even
  double acc_5 = 0;       // the same with ±2
  double acc_3 = 0;       // the same with ±1
  double non0_acc_2 = 0;  // over y ≠ 0: share of (p > 0) = (y > 0); 0 where all y = 0
  double non0_f1 = 0;  // over y ≠ 0: F1 of these two classes, weighted by their share of labels
  double has0_acc_2 = 0;  // over all: share of (p ≥ 0) = (y ≥ 0)
  double has0_f1 = 0;     // over all: F1 of these two classes, weighted by their share of labels
  double loss = 0;        // mean over batches of the batch's mean |p - y|, as validation takes it
  std::int64_t n = 0;
};

// A metric's name in reports and JSON, and where Metrics keeps it.
struct MetricName {
  std::string_view name;
  double Metrics::*member;
  bool higher_is_better;
};

// MAE, Corr, Acc_7, Acc_5, Acc_3, Non0_acc_2, Non0_F1, Has0_acc_2, Has0_F1, Loss.
std::span<const MetricName> metric_names();

// `batch_size` cuts the predictions, as they stand, into the batches of the loss. Throws
// trine::Error if there are no predictions, their number is not the labels', or one is not finite.
Metrics score(std::span<const float> predictions, std::span<const float> labels,
              std::int64_t batch_size);

// non0_f1 as MulT's program counts it, whose call swaps predictions and labels: the F1 of the two
// classes, weighted by their share of predictions. For comparison with MulT's tables; 0 where all
// labels are 0. Throws as score() does.
double non0_f1_mult(std::span<const float> predictions, std::span<const float> labels);

// To 4 decimals, as Python's round(x, 4) gives it: what is printed, and what decides which
// validation loss is the best.
double rounded_4(double value);

}  // namespace dmd
