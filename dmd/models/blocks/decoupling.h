// From raw features to decoupled ones (paper section 3.1). Sequences are (batch, time, channels)
// throughout.
#pragma once

#include "dmd/config/modality.h"
#include "dmd/models/blocks/branch_keys.h"
#include "engine/nn/capture.h"

namespace dmd {

// A modality split in two. N is its number of time steps after projection, d the model width.
// Without decoupling both parts are the input itself and the members for the losses are missing.
struct Decoupled {
  trine::Tensor input;       // x (B, N, d)
  trine::Tensor exclusive;   // s (B, N, d): what this modality alone tells
  trine::Tensor irrelevant;  // c (B, N, d): what any modality could tell

  // For the losses alone.
  trine::Tensor reconstruction;   // (B, N, d), from both parts
  trine::Tensor exclusive_again;  // s' (B, N, d): the exclusive part of the reconstruction
  trine::Tensor aligned;          // (B, d): c at a width that all modalities share
};

// Convolution over time to the model's width: (B, T, D) -> (B, N, d) with N = T - kernel + 1. Where
// D is d already the sequence passes as it is, as in the authors' program.
trine::Tensor project(trine::nn::Capture& capture, const BranchOptions& options, Modality m,
                      trine::Tensor features);

Decoupled decouple(trine::nn::Capture& capture, Modality m, trine::Tensor input);

// What stands in its place where decoupling is left out.
Decoupled not_decoupled(trine::Tensor input);

// (B, N, d) -> (B, N * d).
trine::Tensor flattened(trine::Tensor sequence);

}  // namespace dmd
