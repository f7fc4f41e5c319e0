// Attention and its gradient.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "backends/vulkan/kernels.h"

namespace trine::vulkan {
namespace {

constexpr std::int64_t kRows = 8;  // as in shaders/heads.glsl

struct Extents {
  std::int64_t batch, heads, queries, keys, width;

  explicit Extents(const Member& member) {
    const Shape &q = member.inputs[0].type.shape, &k = member.inputs[1].type.shape;
    batch = q[0];
    queries = q[1];
    heads = q[2];
    width = q[3];
    keys = k[1];
  }
};

bool is_gradient(const Step& step) { return step.op->name == "attention_grad"; }

std::int64_t widest(const Step& step) {
  std::int64_t width = 1;
  for (const Member& member : step.members) width = std::max(width, Extents(member).width);
  return width;
}

// Floats of shared memory that the kernels declare.
std::int64_t shared_floats(bool gradient, std::int64_t width, std::int64_t tile) {
  const std::int64_t pitch = width + 1;
  const std::int64_t rows = (gradient ? 2 : 1) * kRows * pitch;
  return rows + 2 * tile * pitch + 2 * kRows * tile + (gradient ? 2 * tile : 0);
}

// Steps of the other side held at a time: the most that fit.
std::optional<std::uint32_t> tile_for(const Step& step, const KernelLimits& limits) {
  for (std::uint32_t tile : {32u, 16u, 8u})
    if (shared_floats(is_gradient(step), widest(step), tile) * 4 <= limits.shared_bytes)
      return tile;
  return std::nullopt;
}

void put_heads(const Operand& operand, Record& record) {
  record.put_source(operand);
  for (int d = 0; d < 3; ++d) record.put(operand.strides[d]);
}

void put_common(const Member& member, Record& record) {
  const Extents e(member);
  const Attrs& attrs = member.attrs;
  const bool causal = attrs.has("causal_offset"), masked = attrs.integer("masked") != 0;
  record.put_target(member.outputs[0]);
  for (std::int64_t extent : {e.batch, e.heads, e.queries, e.keys, e.width}) record.put(extent);
  record.put_float(attrs.real("scale"));
  record.put(causal);
  record.put(causal ? attrs.integer("causal_offset") + 1 : 0);
  record.put_float(attrs.real("rate"));
  record.put(attrs.integer("id"));
  record.put(masked);
  record.put_source(member.inputs[masked ? 3 : 0]);
  for (std::size_t k = 0; k < 3; ++k) put_heads(member.inputs[k], record);
}

std::string why_too_wide(const Step& step, const KernelLimits& limits) {
  if (tile_for(step, limits)) return "";
  return fmt::format(
      "heads of width {} need more than the {} bytes of shared memory that this device has; use "
      "more "
      "heads or run on the cpu",
      widest(step), limits.shared_bytes);
}

StepKernel make_attention(const Step& step, const KernelLimits& limits) {
  const bool gradient = is_gradient(step);
  StepKernel kernel;
  kernel.source.kernel = gradient ? "attention_grad.comp" : "attention.comp";
  kernel.source.constants = {static_cast<std::uint32_t>(widest(step)), *tile_for(step, limits)};
  kernel.write = [gradient](const Member& member, Record& record) {
    put_common(member, record);
    for (std::size_t k = 1; k < member.outputs.size(); ++k) record.put_target(member.outputs[k]);
    if (gradient)
      for (std::size_t back : {3, 2, 1})
        record.put_source(member.inputs[member.inputs.size() - back]);
  };
  kernel.groups = [gradient](const Member& member) {
    const Extents e(member);
    const std::int64_t keys = gradient ? ceil_div(e.keys, kRows) : 0;
    return e.batch * e.heads * (ceil_div(e.queries, kRows) + keys);
  };
  return kernel;
}

}  // namespace

std::vector<OpKernel> attention_kernels() {
  return {{.op = "attention", .make = make_attention, .why_not = why_too_wide},
          {.op = "attention_grad", .make = make_attention, .why_not = why_too_wide}};
}

}  // namespace trine::vulkan
