// BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019): from tokens to their last hidden states.
// Parameters are called as in the models of Hugging Face's transformers, within the current scope.
#pragma once

#include <cstdint>

#include "dmd/config/encoder_config.h"
#include "engine/nn/capture.h"

namespace dmd {

// Each (B, T), i32: ids of the vocabulary; 1 where there is a token and 0 where padding; segments.
struct TokenTensors {
  trine::Tensor ids, mask, segments;
};

// Inputs of a program, by the names "ids", "mask" and "segments".
TokenTensors capture_tokens(trine::Graph& graph, std::int64_t batch, std::int64_t tokens);

// -> (B, T, hidden_size). Padding is hidden from every token, and has hidden states of its own all
// the same, as it has there. Ids and segments must lie in their tables, which check_tokens() of
// text_features.h makes sure of. Throws trine::Error for more tokens than there are positions.
trine::Tensor encode(trine::nn::Capture& capture, const EncoderConfig& config,
                     const TokenTensors& tokens);

}  // namespace dmd
