// What MulT is trained on.
#pragma once

#include "dmd/models/mult/keys.h"
#include "engine/tensor.h"

namespace dmd {

// Of sentiment the mean absolute error of the output; labels (B, 1). Of emotion the cross-entropy
// of the softmax over each pair of logits, averaged over samples and emotions; labels (B, 4) are 0
// or 1.
trine::Tensor mult_loss(const MultOptions& options, trine::Tensor output, trine::Tensor labels);

}  // namespace dmd
