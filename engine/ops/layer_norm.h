// Layer normalization over the last axis (Ba, Kiros, Hinton 2016).
#pragma once

#include "engine/graph.h"

namespace trine {

// (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the biased variance of each row;
// x (..., d), gamma and beta (d).
Tensor layer_norm(Tensor x, Tensor gamma, Tensor beta, double epsilon = 1e-5);

}  // namespace trine
