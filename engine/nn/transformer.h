// Pre-norm transformer encoders over one sequence, or over one that asks another (the cross-modal
// transformer of Tsai et al. 2019, "MulT").
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/nn/capture.h"

namespace trine::nn {

struct TransformerOptions {
  std::int64_t heads = 1;
  std::int64_t levels = 1;
  double attention_dropout = 0.0;
  double relu_dropout = 0.0;
  double residual_dropout = 0.0;
  double embed_dropout = 0.0;  // drawn for queries, keys and values each
  bool causal = true;          // false: every step sees all steps
  // Computes the last time step alone where nothing else is needed: the result is (B, 1, d) and
  // equals the last step of the whole. It spares most of the last layer.
  bool last_step_only = false;
};

// Self attention; x (B, N, d) -> (B, N, d). Step i sees the steps up to i. Inputs are scaled by
// sqrt(d) and get sinusoidal positions; each layer's inner width is 4d.
// Parameters: NAME.layers.I.{self_attn.*, fc1.*, fc2.*, layer_norms.{0,1}.*}, NAME.layer_norm.*.
Tensor transformer(Capture& capture, std::string_view name, Tensor x,
                   const TransformerOptions& options);

// Only the parameters of a transformer over `width` channels, for one that files hold and this
// program does not compute.
void declare_transformer(Capture& capture, std::string_view name, std::int64_t width,
                         const TransformerOptions& options);

// x (B, N, d) asks `other` (B, M, d) for keys and values, which are the same in every layer: those
// of `other` with positions. Step i of x sees the steps up to i + |N - M| of other.
Tensor cross_transformer(Capture& capture, std::string_view name, Tensor x, Tensor other,
                         const TransformerOptions& options);

}  // namespace trine::nn
