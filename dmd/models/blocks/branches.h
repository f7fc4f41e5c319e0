// What is predicted from the decoupled features: one head per modality on the irrelevant parts
// (homo) and on the exclusive parts (hetero), and the two that join all modalities.
#pragma once

#include <string>
#include <string_view>

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

// features (B, w); `kind` ends the names of its layers: "low", or "low_dict" where the features
// were looked up in a dictionary.
Head irrelevant_head(trine::nn::Capture& capture, const BranchOptions& branches, Modality m,
                     trine::Tensor features, std::string_view kind = "low");

// The last time step (B, d) of a self transformer over an irrelevant part.
trine::Tensor irrelevant_memory(trine::nn::Capture& capture, const BranchOptions& branches,
                                Modality m, trine::Tensor irrelevant);

// irrelevant_memory() of each of k modalities, side by side: (B, k d).
trine::Tensor fused_irrelevant(trine::nn::Capture& capture, const BranchOptions& branches,
                               const PerModality<Decoupled>& parts);

// How much of the exclusive branch's sequence is read after its transformers.
enum class Steps { all, last };

// The exclusive part of `target` asks those of the others (six cross-modal transformers in all),
// and a self transformer of width 2d remembers. Without cross attention the part itself takes the
// place of each answer, so that all that follows keeps its widths. (B, N, 2d), or (B, 1, 2d) for
// the last step. Of fewer than three modalities the width is memory_width(): one that is alone has
// nobody to ask, and its own part is remembered.
trine::Tensor exclusive_memory(trine::nn::Capture& capture, const BranchOptions& branches,
                               Modality target, const PerModality<Decoupled>& parts,
                               bool cross_attention, Steps steps);

// On the last step (B, 2d) of exclusive_memory().
Head exclusive_logits(trine::nn::Capture& capture, const BranchOptions& branches, Modality target,
                      trine::Tensor last);

// Both.
ExclusiveHead exclusive_head(trine::nn::Capture& capture, const BranchOptions& branches,
                             Modality target, const PerModality<Decoupled>& parts,
                             bool cross_attention);

// (B, answer width) from the fused irrelevant parts.
trine::Tensor irrelevant_logits(trine::nn::Capture& capture, const BranchOptions& branches,
                                trine::Tensor fused);

// What the output reads, gated: sigmoid of the layer `weight_M`, or `weight_c`, at the width of x.
trine::Tensor gate(trine::nn::Capture& capture, const std::string& name, trine::Tensor x);

// (B, answer width) from everything, gated: the model's prediction.
trine::Tensor output_logits(trine::nn::Capture& capture, const BranchOptions& branches,
                            const PerModality<trine::Tensor>& exclusive, trine::Tensor fused);

}  // namespace dmd
