// What MulT is trained on.
#pragma once

#include "dmd/models/mult/network.h"

namespace dmd {

// The mean absolute error of the output; labels (B, 1).
trine::Tensor mult_loss(const MultNetwork& network, trine::Tensor labels);

}  // namespace dmd
