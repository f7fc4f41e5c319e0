// What is predicted from the decoupled features: a head a modality on the irrelevant parts (homo)
// and on the exclusive parts (hetero), and the two that join all modalities.
#pragma once

#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/blocks/decoupling.h"
#include "engine/nn/capture.h"

namespace dmd {

// A head of one modality, which is a node of a graph distillation unit.
struct Head {
  trine::Tensor logits;          // (B, answer width)
  trine::Tensor representation;  // (B, d) homo, (B, 2d) hetero
};

// The exclusive branch also gives what the output reads: z (B, 2d), the last step of its
// transformers.
struct ExclusiveHead {
  Head head;
  trine::Tensor last;
};

Head irrelevant_head(trine::nn::Capture& capture, const BranchOptions& branches, Modality m,
                     trine::Tensor irrelevant);

// The last time steps of a self transformer over each irrelevant part, side by side: (B, 3d).
trine::Tensor fused_irrelevant(trine::nn::Capture& capture, const BranchOptions& branches,
                               const PerModality<Decoupled>& parts);

// The exclusive part of `target` asks those of the others (six cross-modal transformers in all),
// and a self transformer of width 2d remembers. Without cross attention the part stands twice
// where the two answers would, so that all that follows keeps its widths.
ExclusiveHead exclusive_head(trine::nn::Capture& capture, const BranchOptions& branches,
                             Modality target, const PerModality<Decoupled>& parts,
                             bool cross_attention);

// (B, answer width) from the fused irrelevant parts.
trine::Tensor irrelevant_logits(trine::nn::Capture& capture, const BranchOptions& branches,
                                trine::Tensor fused);

// (B, answer width) from everything, gated: the model's prediction.
trine::Tensor output_logits(trine::nn::Capture& capture, const BranchOptions& branches,
                            const PerModality<ExclusiveHead>& exclusive, trine::Tensor fused);

}  // namespace dmd
