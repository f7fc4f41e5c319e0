// Sparsemax (Martins and Astudillo 2016): the point of the probability simplex nearest to x. Unlike
// softmax it gives most entries exactly 0.
#pragma once

#include "engine/tensor.h"

namespace dmd {

// Over the last axis; x (B, n). Gradient, with S the entries that are kept: 1_S (g - mean of g over
// S). Work is quadratic in n; memory is linear where comparisons fuse into the sums over them.
trine::Tensor sparsemax(trine::Tensor x);

}  // namespace dmd
