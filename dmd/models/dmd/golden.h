// One evaluation of DMD whose fetches carry the names and the shapes of the authors' golden
// numbers.
#pragma once

#include "dmd/config/config.h"
#include "dmd/models/inputs.h"
#include "engine/nn/capture.h"

namespace dmd {

// Fetches forward.*, loss.*, edges.* and prior.*, as the fixtures' README lists them. It also
// computes the proj_cosine_M layers, which no other program needs.
void capture_golden(trine::nn::Capture& capture, const Config& config, const Inputs& inputs);

}  // namespace dmd
