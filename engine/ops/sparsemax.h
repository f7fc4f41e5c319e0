// Sparsemax over the last axis (Martins and Astudillo 2016): the point of the probability simplex
// that is nearest to x. Unlike softmax it gives most elements exactly 0.
#pragma once

#include "engine/graph.h"

namespace trine {

// max(0, x - t) with the t that makes a row add up to 1. The gradient, with S the elements above 0:
// 1_S (g - mean of g over S).
Tensor sparsemax(Tensor x);

}  // namespace trine
