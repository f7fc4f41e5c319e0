// Reductions over any axes. An empty list of axes means all of them. Without `keep` the axes
// disappear; with it they stay as extents of one.
#pragma once

#include "engine/graph.h"

namespace trine {

Tensor sum(Tensor x, Dims axes = {}, bool keep = false);
Tensor mean(Tensor x, Dims axes = {}, bool keep = false);
// The largest element; its gradient is shared equally among ties.
Tensor max(Tensor x, Dims axes = {}, bool keep = false);
// The largest element along one axis; its whole gradient goes to the first that holds it.
Tensor first_max(Tensor x, int axis, bool keep = false);

}  // namespace trine
