// The network of Decoupled Hierarchical Multimodal Distillation (Li, Wang, Ding, Zhang, Lu, Guan,
// TPAMI 2026, arXiv 2602.04260), as a development program has it (svliy/mmsa, branch v2, commit
// b5d0635): DMD, and in each of its two spaces a dictionary that the modalities share.
#pragma once

#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/branches.h"
#include "dmd/models/blocks/decoupling.h"
#include "dmd/models/blocks/dictionary.h"
#include "dmd/models/dhmd/keys.h"
#include "engine/nn/capture.h"

namespace dmd {

struct DhmdNetwork {
  PerModality<Decoupled> parts;
  PerModality<LookUp> homo_found, hetero_found;
  PerModality<Head> homo, hetero;
  PerModality<trine::Tensor> irrelevant_last;  // f (B, d)
  PerModality<trine::Tensor> exclusive_last;   // z (B, 2d)
  // Both with what their dictionaries found.
  PerModality<trine::Tensor> irrelevant_fused;  // (B, d)
  PerModality<trine::Tensor> exclusive_fused;   // (B, 2d)
  trine::Tensor logits_c;                       // (B, 1), on the irrelevant parts side by side
  trine::Tensor output;                         // (B, 1): the prediction
};

// features (B, T, D).
DhmdNetwork dhmd_network(trine::nn::Capture& capture, const DhmdOptions& options,
                         const PerModality<trine::Tensor>& features);

}  // namespace dmd
