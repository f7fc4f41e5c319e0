// Ops that move elements: concatenation, padding, gathering rows and its gradient.
#pragma once

#include "engine/graph.h"

namespace trine {

// Tensors of one type one after another along an axis.
Tensor concat(const Tensors& parts, int axis);

// `before` and `after` elements of `value` around x along an axis.
Tensor pad(Tensor x, int axis, std::int64_t before, std::int64_t after, float value = 0.0f);

// The reverse of a slice: element i of x goes to start + i * step of an axis of `extent` elements,
// zeros stand elsewhere.
Tensor spread(Tensor x, int axis, std::int64_t start, std::int64_t step, std::int64_t extent);

// Rows of `table` (V, ...) named by i32 `index` (any shape): index.shape + table.shape[1:]. An
// embedding lookup. Indices must lie in [0, V); backends clamp what lies outside, callers that take
// indices from files check them first.
Tensor gather(Tensor table, Tensor index);

// The gradient of gather: zeros of (rows, ...) plus each row of `updates` at its index, added in
// the order of the index, so that every run gives the same bits.
Tensor scatter_add(Tensor index, Tensor updates, std::int64_t rows);

}  // namespace trine
