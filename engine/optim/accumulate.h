// Gradients summed over several batches in the arena nn::kGradients.
#pragma once

#include <functional>

#include "engine/nn/capture.h"

namespace trine::optim {

using Clip = std::function<Tensor(Tensor)>;

// Captures, for every parameter that the loss depends on: gradients := clip(gradients + d loss),
// where an empty `clip` leaves the sum as it is. Gradients of other parameters stay untouched.
void accumulate_gradients(nn::Capture& capture, Tensor loss, const Clip& clip = {});

// Captures gradients := 0.
void zero_gradients(nn::Capture& capture);

}  // namespace trine::optim
