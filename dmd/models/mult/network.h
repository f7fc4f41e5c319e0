// The network of MulT (Tsai, Bai, Liang, Kolter, Morency, Salakhutdinov: "Multimodal Transformer
// for Unaligned Multimodal Language Sequences", ACL 2019, arXiv 1906.00295). Parameters are called
// as in the authors' program, which stacks modalities in the order l, a, v.
#pragma once

#include <vector>

#include "dmd/config/per_modality.h"
#include "dmd/models/mult/keys.h"
#include "engine/nn/capture.h"

namespace dmd {

// What a modality learns of the others. Widths are those of three modalities; see memory_width().
struct MultTarget {
  Modality modality;
  std::vector<trine::Tensor> answers;  // (B, N, d) of each of the others, in their order
  trine::Tensor memory;                // (B, N, 2d), the self transformer over both answers
  trine::Tensor last;                  // z (B, 2d), its last time step
};

struct MultNetwork {
  PerModality<trine::Tensor> projected;  // (B, N, d)
  std::vector<MultTarget> targets;       // l, a, v; one in a partial mode
  trine::Tensor joined;                  // z of all targets (B, 2d * targets)
  trine::Tensor output;                  // (B, answer width): the prediction
};

// Predictions read the last time step of a memory alone, and `memory` is left out then.
enum class MemorySteps { last, all };

// features (B, T, D).
MultNetwork mult_network(trine::nn::Capture& capture, const MultOptions& options,
                         const PerModality<trine::Tensor>& features,
                         MemorySteps steps = MemorySteps::last);

}  // namespace dmd
