// The DMD network (Li, Wang, Cui: "Decoupled Multimodal Distilling for Emotion Recognition", CVPR
// 2023, arXiv 2303.13802). Parameters are called as in the authors' checkpoints.
#pragma once

#include <cstdint>

#include "dmd/config/config.h"
#include "dmd/model/branches.h"
#include "dmd/model/encoders.h"
#include "dmd/model/per_modality.h"
#include "engine/nn/capture.h"

namespace dmd {

// Inputs of a program, by the names "text", "vision", "audio" and "labels"; where the text encoder
// is trained along, in place of "text" those of text_encoder/encoder.h.
struct Inputs {
  PerModality<trine::Tensor> features;  // (B, T, D); those of text may be the encoder's
  trine::Tensor labels;                 // (B, 1)
};

// Throws trine::Error unless every size is known: fit the configuration to data first.
Inputs capture_inputs(trine::nn::Capture& capture, const Config& config, std::int64_t batch);

struct Outputs {
  PerModality<Decoupled> parts;
  PerModality<Head> homo;             // on the irrelevant parts
  PerModality<ExclusiveHead> hetero;  // on the exclusive parts
  trine::Tensor logits_c;             // (B, 1), on the fused irrelevant parts
  trine::Tensor output;               // (B, 1): the prediction
};

Outputs forward(trine::nn::Capture& capture, const Config& config,
                const PerModality<trine::Tensor>& features);

}  // namespace dmd
