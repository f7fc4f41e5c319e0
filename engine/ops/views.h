// Views: other layouts of the same elements. They move no data unless a later consumer needs the
// elements packed.
#pragma once

#include "engine/graph.h"

namespace trine {

// The shape that two operands broadcast to under NumPy's rule; Error names `who` and both shapes.
Shape broadcast_shape(const Shape& a, const Shape& b, std::string_view who);

// x repeated along extents of one and along new leading dimensions. Returns x if nothing changes.
Tensor broadcast_to(Tensor x, const Shape& shape);

// The same elements in row-major order under another shape; one extent may be -1 (inferred).
Tensor reshape(Tensor x, Shape shape);

// Dimension i of the result is dimension axes[i] of x.
Tensor permute(Tensor x, const Dims& axes);

// Two dimensions exchanged; the default exchanges the last two.
Tensor transpose(Tensor x, int axis_a = -2, int axis_b = -1);

// Elements start, start + step, ... below stop along one axis. Negative bounds count from the end.
Tensor slice(Tensor x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step = 1);

// The slice of one index along an axis, with that axis removed.
Tensor select_index(Tensor x, int axis, std::int64_t index);

// Consecutive pieces of the given sizes along an axis; the sizes must add up.
Tensors split(Tensor x, int axis, std::span<const std::int64_t> sizes);

// An extent of one inserted at, or removed from, an axis.
Tensor unsqueeze(Tensor x, int axis);
Tensor squeeze(Tensor x, int axis);

// All windows of `size` consecutive steps: (B, T, C) to (B, (T - size) / stride + 1, size * C).
// Overlapping windows share memory, which makes a convolution over time one matrix product.
Tensor windows(Tensor x, std::int64_t size, std::int64_t stride = 1);

// x itself, through which no gradient flows.
Tensor stop_gradient(Tensor x);

}  // namespace trine
