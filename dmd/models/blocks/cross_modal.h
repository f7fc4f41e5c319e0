// What the models after MulT (Tsai et al. 2019) share: modalities that ask each other through
// cross-modal transformers, transformers that remember the answers, and the block before an output.
#pragma once

#include <string>
#include <vector>

#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/branch_keys.h"
#include "engine/nn/capture.h"
#include "engine/nn/transformer.h"

namespace dmd {

// The modality that supplies keys and values sets the rate of dropout on the attention.
trine::nn::TransformerOptions transformer_options(const BranchOptions& branches, Modality keys);

// Of the self transformers over answers, trans_M_mem: three layers at least.
trine::nn::TransformerOptions memory_options(const BranchOptions& branches);

// Whom a modality asks, of those that the model reads, in the order in which the answers are
// joined.
std::vector<Modality> others(const BranchOptions& branches, Modality target);

// How wide the answers are side by side; of a modality that is alone, its own width.
std::int64_t memory_width(const BranchOptions& branches, Modality target);

// trans_TARGET_with_OTHER.
std::string answer_name(Modality target, Modality other);

// What `other` answers to `target`, by the transformer of this name: (B, N of target, d).
trine::Tensor answer(trine::nn::Capture& capture, const BranchOptions& branches, Modality target,
                     Modality other, const PerModality<trine::Tensor>& sequences);

// x + up(dropout(relu(down(x)))), at the width of x (B, w).
trine::Tensor residual_block(trine::nn::Capture& capture, const BranchOptions& branches,
                             const std::string& down, const std::string& up, trine::Tensor x);

}  // namespace dmd
