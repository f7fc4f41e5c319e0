// Adam (Kingma and Ba 2015) as graph ops over whole arenas: one kernel for all parameters.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/nn/capture.h"

namespace trine::optim {

// Names of the moments' arenas, which begin as zeros.
inline constexpr const char* kAdamMean = "adam.m";
inline constexpr const char* kAdamSquare = "adam.v";

// A stretch of the arenas whose learning rate is `rate` times that of RunParams.
struct ArenaPart {
  std::int64_t offset = 0, elements = 0;  // both in elements
  double rate = 1.0;
};

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::vector<ArenaPart> parts;  // of the whole arena; none: one part
};

// Captures one update of nn::kParameters from nn::kGradients. The learning rate and the step, which
// counts updates from 1, come from RunParams.
void adam(nn::Capture& capture, const AdamOptions& options = {});

}  // namespace trine::optim
