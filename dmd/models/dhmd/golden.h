// One evaluation of DHMD whose fetches carry the names and the shapes of its golden numbers.
#pragma once

#include "dmd/config/config.h"
#include "dmd/models/inputs.h"
#include "engine/nn/capture.h"

namespace dmd {

// Fetches forward.*, loss.*, edges.* and prior.*, and alt.*: some of it with every kind of shares
// and of pooling.
void capture_dhmd_golden(trine::nn::Capture& capture, const Config& config, const Inputs& inputs);

}  // namespace dmd
