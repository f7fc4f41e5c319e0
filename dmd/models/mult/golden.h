// One evaluation of MulT whose fetches carry the names and the shapes of the authors' golden
// numbers.
#pragma once

#include "dmd/config/config.h"
#include "dmd/models/inputs.h"
#include "engine/nn/capture.h"

namespace dmd {

// Fetches forward.* and loss.*, all time steps of the memories among them.
void capture_mult_golden(trine::nn::Capture& capture, const Config& config, const Inputs& inputs);

}  // namespace dmd
