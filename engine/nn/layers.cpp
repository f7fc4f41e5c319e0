#include "engine/nn/layers.h"

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/layer_norm.h"
#include "engine/ops/matmul.h"
#include "engine/ops/movement.h"
#include "engine/ops/views.h"

namespace trine::nn {
namespace {

struct Affine {
  Tensor weight, bias;  // no handle where there is no bias
};

Affine linear_parameters(Capture& capture, std::int64_t inputs, std::int64_t outputs,
                         LinearInit init) {
  const bool xavier = init == LinearInit::xavier;
  const Init spread = xavier ? xavier_uniform(inputs, outputs) : fan_in_uniform(inputs);
  return {capture.parameter("weight", {outputs, inputs}, spread),
          capture.parameter("bias", {outputs}, xavier ? kZeros : spread)};
}

Affine conv1d_parameters(Capture& capture, std::int64_t channels, std::int64_t outputs,
                         const Conv1dOptions& options) {
  const Init spread = fan_in_uniform(channels * options.kernel);
  Affine affine{capture.parameter("weight", {outputs, channels, options.kernel}, spread), {}};
  if (options.bias) affine.bias = capture.parameter("bias", {outputs}, spread);
  return affine;
}

// The product of every window of `kernel` steps with `weight` (kernel * C, outputs). The windows
// overlap in memory, so none is copied. For that they slide over the whole batch laid end to end:
// the kernel - 1 windows across each border between samples are computed and dropped.
Tensor slide(Tensor x, Tensor weight, std::int64_t kernel) {
  const std::int64_t batch = x.dim(0), steps = x.dim(1), channels = x.dim(2);
  const Tensor end_to_end = reshape(x, {1, batch * steps, channels});
  const Tensor all = matmul(windows(end_to_end, kernel), weight);
  const Tensor rows = reshape(pad(all, 1, 0, kernel - 1), {batch, steps, weight.dim(1)});
  return slice(rows, 1, 0, steps - kernel + 1);
}

}  // namespace

Tensor linear(Capture& capture, std::string_view name, Tensor x, std::int64_t outputs,
              LinearInit init) {
  const Scope scope(capture.graph(), name);
  const Affine affine = linear_parameters(capture, x.dim(-1), outputs, init);
  return matmul(x, transpose(affine.weight)) + affine.bias;
}

void declare_linear(Capture& capture, std::string_view name, std::int64_t inputs,
                    std::int64_t outputs, LinearInit init) {
  const Scope scope(capture.graph(), name);
  linear_parameters(capture, inputs, outputs, init);
}

Tensor conv1d(Capture& capture, std::string_view name, Tensor x, std::int64_t outputs,
              const Conv1dOptions& options) {
  const Scope scope(capture.graph(), name);
  if (x.rank() != 3 || options.kernel < 1 || options.kernel > x.dim(1))
    fail(
        "conv1d: a kernel of {} does not fit {} in {}; expected (batch, time, channels) with at "
        "least as many time steps",
        options.kernel, to_string(x.shape()), capture.graph().scope());
  const std::int64_t channels = x.dim(2);
  const Affine affine = conv1d_parameters(capture, channels, outputs, options);
  // A window's elements run over time first and channels last; so must the weight's rows.
  const Tensor weight =
      reshape(permute(affine.weight, {2, 1, 0}), {options.kernel * channels, outputs});
  const Tensor y = options.kernel == 1 ? matmul(x, weight) : slide(x, weight, options.kernel);
  return affine.bias ? y + affine.bias : y;
}

void declare_conv1d(Capture& capture, std::string_view name, std::int64_t channels,
                    std::int64_t outputs, const Conv1dOptions& options) {
  const Scope scope(capture.graph(), name);
  conv1d_parameters(capture, channels, outputs, options);
}

Tensor layer_norm(Capture& capture, std::string_view name, Tensor x, double epsilon) {
  const Scope scope(capture.graph(), name);
  const Tensor weight = capture.parameter("weight", {x.dim(-1)}, kOnes);
  const Tensor bias = capture.parameter("bias", {x.dim(-1)}, kZeros);
  return trine::layer_norm(x, weight, bias, epsilon);
}

Tensor embedding_table(Capture& capture, std::string_view name, std::int64_t rows,
                       std::int64_t width) {
  constexpr float kBound = 0.0346410162f;  // 0.02 sqrt(3): what gives uniform draws that deviation
  const Scope scope(capture.graph(), name);
  return capture.parameter("weight", {rows, width}, {-kBound, kBound});
}

Tensor embedding(Capture& capture, std::string_view name, Tensor index, std::int64_t rows,
                 std::int64_t width, std::optional<std::int64_t> padding) {
  const Tensor found = gather(embedding_table(capture, name, rows, width), index);
  if (!padding) return found;
  const Tensor learns = not_equal(cast(index, DType::f32), static_cast<float>(*padding));
  return select(unsqueeze(learns, -1), found, stop_gradient(found));
}

}  // namespace trine::nn
