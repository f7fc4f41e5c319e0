// Adam (Kingma and Ba 2015) as graph ops over whole arenas: one kernel for all parameters.
#pragma once

#include "engine/nn/capture.h"

namespace trine::optim {

// Names of the moments' arenas, which begin as zeros.
inline constexpr const char* kAdamMean = "adam.m";
inline constexpr const char* kAdamSquare = "adam.v";

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// Captures one update of nn::kParameters from nn::kGradients. The learning rate and the step, which
// counts updates from 1, come from StepParams.
void adam(nn::Capture& capture, const AdamOptions& options = {});

}  // namespace trine::optim
