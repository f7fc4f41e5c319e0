// Softmax and log-softmax over the last axis, in the stable form exp(x - max).
#pragma once

#include <optional>

#include "engine/graph.h"

namespace trine {

// With `causal_offset` k, column j of row i takes part only where j <= i + k; the other columns are
// skipped, never added to -infinity, and give 0. The rows are the second to last axis.
Tensor softmax(Tensor x, std::optional<std::int64_t> causal_offset = std::nullopt);
Tensor log_softmax(Tensor x);

}  // namespace trine
