// The DMD network (Li, Wang, Cui: "Decoupled Multimodal Distilling for Emotion Recognition", CVPR
// 2023, arXiv 2303.13802). Parameters are called as in the authors' checkpoints.
#pragma once

#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/branches.h"
#include "dmd/models/blocks/decoupling.h"
#include "dmd/models/dmd/keys.h"
#include "engine/nn/capture.h"

namespace dmd {

struct DmdNetwork {
  PerModality<Decoupled> parts;
  PerModality<Head> homo;             // on the irrelevant parts
  PerModality<ExclusiveHead> hetero;  // on the exclusive parts
  trine::Tensor logits_c;             // (B, answer width), on the fused irrelevant parts
  trine::Tensor output;               // (B, answer width): the prediction
};

// features (B, T, D).
DmdNetwork dmd_network(trine::nn::Capture& capture, const DmdOptions& options,
                       const PerModality<trine::Tensor>& features);

}  // namespace dmd
