// Gradients summed over several batches in the arena nn::kGradients.
#pragma once

#include <functional>

#include "engine/nn/capture.h"

namespace trine::optim {

using Clip = std::function<Tensor(Tensor)>;

// Captures, for every parameter that the loss depends on: gradients := clip(gradients + d loss),
// where an empty `clip` leaves the sum as it is. Gradients of other parameters stay untouched.
void accumulate_gradients(nn::Capture& capture, Tensor loss, const Clip& clip = {});

// The same, but the sums of all these parameters are scaled together so that their joint Euclidean
// norm is at most `limit`.
void accumulate_clipped_by_norm(nn::Capture& capture, Tensor loss, float limit);

// Captures gradients := 0.
void zero_gradients(nn::Capture& capture);

}  // namespace trine::optim
