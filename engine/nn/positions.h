// Sinusoidal positions (Vaswani et al. 2017, section 3.5), in the arrangement of tensor2tensor and
// fairseq: all sines, then all cosines.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/nn/capture.h"

namespace trine::nn {

// (steps, width), row-major. Row i is time step i + 1: sin(t f_j), then cos(t f_j), for the
// frequencies f_j = 10000^(-j / (half - 1)), j < half = width / 2; an odd width ends with a zero.
// Computed in f32 throughout, as PyTorch programs do. Error for a width below 4, which has no
// second frequency.
std::vector<float> sinusoid_table(std::int64_t steps, std::int64_t width);

// sqrt(width) x plus the positions; x (B, N, width). A step whose first channel is exactly 0 is
// padding and gets no position.
Tensor with_positions(Capture& capture, Tensor x);

}  // namespace trine::nn
