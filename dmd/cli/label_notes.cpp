#include "dmd/cli/label_notes.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "dmd/cli/command.h"

namespace dmd::cli {
namespace {

// The label that is farthest from 0.
float farthest(const std::vector<const Split*>& splits) {
  float result = 0;
  for (const Split* split : splits)
    for (const float label : split->labels)
      if (std::abs(label) > std::abs(result)) result = label;
  return result;
}

}  // namespace

void note_range(const std::vector<const Split*>& splits, const Config& config) {
  if (config.task != Task::regression) return;
  const bool sims = config.metrics == MetricSet::sims;
  const float limit = sims ? 1.0f : 3.0f, label = farthest(splits);
  if (std::abs(label) > limit) {
    note(fmt::format("note: labels are expected from -{0:g} to {0:g}, and {1} is among them: {2}",
                     limit, label,
                     sims ? "metrics=sims limits what lies beyond"
                          : "Acc_7, Acc_5 and Acc_3 count what lies beyond as the nearest class"));
  } else if (!sims && std::abs(label) <= 1) {
    note(
        "note: labels lie within -1 and 1, where Acc_7, Acc_5 and Acc_3 say the same: "
        "metrics=sims has the metrics of such data");
  }
}

}  // namespace dmd::cli
