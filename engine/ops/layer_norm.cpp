#include "engine/ops/layer_norm.h"

#include <cmath>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

// The shape of one statistic a row: x's without its last axis.
Shape row_shape(const Shape& x) {
  Shape shape = x;
  shape.erase(shape.rank() - 1);
  return shape;
}

std::vector<Type> infer_layer_norm(const Attrs&, std::span<const Type> in) {
  const Shape& x = in[0].shape;
  const Shape width = x.rank() ? Shape{x.back()} : Shape{};
  if (in[0].dtype != DType::f32 || x.rank() < 1 || in[1].shape != width || in[2].shape != width)
    fail("layer_norm: gamma {} and beta {} must have the width of the last axis of x {}",
         to_string(in[1]), to_string(in[2]), to_string(in[0]));
  const Type statistic{DType::f32, row_shape(x)};
  return {in[0], statistic, statistic};
}

void layer_norm_reference(const Attrs& attrs, const RunParams&, std::span<const HostTensor> in,
                          std::span<HostTensor> out) {
  const std::int64_t d = in[0].type.shape.back();
  for (std::int64_t r = 0; r < in[0].size() / d; ++r) {
    double mean = 0, variance = 0;
    for (std::int64_t j = 0; j < d; ++j) mean += in[0][r * d + j];
    mean /= static_cast<double>(d);
    for (std::int64_t j = 0; j < d; ++j) variance += std::pow(in[0][r * d + j] - mean, 2);
    const double rstd = 1.0 / std::sqrt(variance / static_cast<double>(d) + attrs.real("epsilon"));
    for (std::int64_t j = 0; j < d; ++j)
      out[0][r * d + j] = (in[0][r * d + j] - mean) * rstd * in[1][j] + in[2][j];
    out[1][r] = mean;
    out[2][r] = rstd;
  }
}

Tensor input_gradient(Tensor x, Tensor gamma, Tensor mean, Tensor rstd, Tensor g);

const OpDef kLayerNorm = [] {
  OpDef op;
  op.name = "layer_norm";
  op.infer = infer_layer_norm;
  op.vjp = [](const Vjp& v) {
    const Tensor x = v.inputs[0], mean = v.outputs[1], rstd = v.outputs[2], g = v.cotangents[0];
    if (!g || v.cotangents[1] || v.cotangents[2])
      fail("layer_norm: only the normalized output has a gradient, not the statistics");
    const Tensor normalized = (x - unsqueeze(mean, -1)) * unsqueeze(rstd, -1);
    Dims rows;
    for (int i = 0; i < x.rank() - 1; ++i) rows.push_back(i);
    const bool one_row = rows.rank() == 0;
    return Tensors{input_gradient(x, v.inputs[1], mean, rstd, g),
                   one_row ? g * normalized : sum(g * normalized, rows),
                   one_row ? g : sum(g, rows)};
  };
  op.reference = layer_norm_reference;
  op.samples = [] {
    auto sample = [](std::string label, Shape shape) {
      const Type width{DType::f32, {shape.back()}};
      return Sample{std::move(label),
                    {{{DType::f32, shape}}, {width, 0.5, 1.5}, {width}},
                    [](Graph&, const Tensors& t) { return Tensors{layer_norm(t[0], t[1], t[2])}; },
                    shape.back()};
    };
    return std::vector<Sample>{sample("rows", {6, 50}), sample("sequence", {2, 5, 20}),
                               sample("one row", {17}), sample("wide", {3, 1030})};
  };
  return op;
}();

// dx = rstd * (h - mean(h) - xhat * mean(h * xhat)) with h = g * gamma: one pass over each row,
// where the composed form takes nine kernels.
const OpDef kInputGradient = [] {
  OpDef op;
  op.name = "layer_norm_grad";
  op.infer = [](const Attrs&, std::span<const Type> in) { return std::vector<Type>{in[0]}; };
  op.reference = [](const Attrs&, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const HostTensor &x = in[0], &gamma = in[1], &mean = in[2], &rstd = in[3], &g = in[4];
    const std::int64_t d = x.type.shape.back();
    for (std::int64_t r = 0; r < x.size() / d; ++r) {
      double mean_h = 0, mean_hx = 0;
      for (std::int64_t j = 0; j < d; ++j) {
        const double h = g[r * d + j] * gamma[j];
        mean_h += h / static_cast<double>(d);
        mean_hx += h * (x[r * d + j] - mean[r]) * rstd[r] / static_cast<double>(d);
      }
      for (std::int64_t j = 0; j < d; ++j) {
        const double normalized = (x[r * d + j] - mean[r]) * rstd[r];
        out[0][r * d + j] = rstd[r] * (g[r * d + j] * gamma[j] - mean_h - normalized * mean_hx);
      }
    }
  };
  op.samples = [] {
    auto sample = [](std::string label, std::int64_t rows, std::int64_t d) {
      const Type matrix{DType::f32, {rows, d}}, column{DType::f32, {rows}};
      return Sample{
          std::move(label),
          {{matrix}, {{DType::f32, {d}}, 0.5, 1.5}, {column}, {column, 0.5, 1.5}, {matrix}},
          [](Graph&, const Tensors& t) {
            return Tensors{input_gradient(t[0], t[1], t[2], t[3], t[4])};
          },
          d};
    };
    return std::vector<Sample>{sample("rows", 6, 50), sample("wide", 3, 1030)};
  };
  return op;
}();

Tensor input_gradient(Tensor x, Tensor gamma, Tensor mean, Tensor rstd, Tensor g) {
  return x.graph().add_one(kInputGradient, {}, {x, gamma, mean, rstd, g});
}

}  // namespace

Tensor layer_norm(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
  return x.graph().add_one(kLayerNorm, {{"epsilon", epsilon}}, {x, gamma, beta});
}

std::vector<const OpDef*> layer_norm_ops() { return {&kLayerNorm, &kInputGradient}; }

}  // namespace trine
