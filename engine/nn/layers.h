// Layers with parameters of their own. Each is captured under its name within the current scope,
// and its parameters are called as PyTorch calls them: NAME.weight, NAME.bias.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/nn/capture.h"

namespace trine::nn {

// How a linear layer starts.
enum class LinearInit {
  fan_in,  // weight and bias uniform within 1 / sqrt(inputs)
  xavier,  // weight Xavier-uniform, bias zero
};

// x W' + b; x (..., inputs), weight (outputs, inputs), bias (outputs) -> (..., outputs).
Tensor linear(Capture& capture, std::string_view name, Tensor x, std::int64_t outputs,
              LinearInit init = LinearInit::fan_in);

// Only the parameters of linear(), for a layer that files hold and this program does not compute.
void declare_linear(Capture& capture, std::string_view name, std::int64_t inputs,
                    std::int64_t outputs, LinearInit init = LinearInit::fan_in);

struct Conv1dOptions {
  std::int64_t kernel = 1;
  bool bias = true;
};

// Convolution over time without padding, channels last: x (B, T, C) -> (B, T - kernel + 1,
// outputs); weight (outputs, C, kernel), bias (outputs). Error when the kernel is longer than the
// sequence.
Tensor conv1d(Capture& capture, std::string_view name, Tensor x, std::int64_t outputs,
              const Conv1dOptions& options = {});

// Only the parameters of conv1d() over x's channels.
void declare_conv1d(Capture& capture, std::string_view name, std::int64_t channels,
                    std::int64_t outputs, const Conv1dOptions& options = {});

// Normalization over the last axis with weight and bias (width), which start as 1 and 0.
Tensor layer_norm(Capture& capture, std::string_view name, Tensor x, double epsilon = 1e-5);

// The weight (rows, width) of a table of embeddings, NAME.weight, with a standard deviation of
// 0.02.
Tensor embedding_table(Capture& capture, std::string_view name, std::int64_t rows,
                       std::int64_t width);

// Rows of such a table: i32 index (...) -> (..., width). The row `padding`, if there is one, gets
// no gradient, as with PyTorch's padding_idx.
Tensor embedding(Capture& capture, std::string_view name, Tensor index, std::int64_t rows,
                 std::int64_t width, std::optional<std::int64_t> padding = {});

}  // namespace trine::nn
