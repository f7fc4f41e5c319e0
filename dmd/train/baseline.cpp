#include "dmd/train/baseline.h"

#include <algorithm>
#include <vector>

namespace dmd {
namespace {

// Of an even number the mean of the two in the middle.
float median(std::vector<float> values) {
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  if (values.size() % 2 == 1) return *upper;
  return (*std::max_element(values.begin(), upper) + *upper) / 2;
}

}  // namespace

Metrics constant_predictor(const Split& train, const Split& split, std::int64_t batch_size) {
  const std::vector<float> answers(split.labels.size(), median(train.labels));
  return score(answers, split.labels, batch_size);
}

}  // namespace dmd
