// Stochastic gradient descent as graph ops over whole arenas.
#pragma once

#include "engine/nn/capture.h"

namespace trine::optim {

// Name of the arena of momentum, which begins as zeros; needed only where there is momentum.
inline constexpr const char* kSgdVelocity = "sgd.velocity";

// Captures one update of nn::kParameters from nn::kGradients:
// velocity := momentum * velocity + gradients, parameters := parameters - learning rate * velocity.
void sgd(nn::Capture& capture, double momentum = 0.0);

}  // namespace trine::optim
