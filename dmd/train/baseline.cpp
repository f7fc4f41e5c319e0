#include "dmd/train/baseline.h"

#include <numeric>
#include <vector>

namespace dmd {

Metrics constant_predictor(const Split& train, const Split& split, std::int64_t batch_size) {
  const double sum = std::accumulate(train.labels.begin(), train.labels.end(), 0.0);
  const auto mean = static_cast<float>(sum / static_cast<double>(train.size()));
  return score(std::vector<float>(split.labels.size(), mean), split.labels, batch_size);
}

}  // namespace dmd
