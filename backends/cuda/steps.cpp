#include "backends/cuda/steps.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/layout.h"

namespace trine::cuda {
namespace {

using Builder = void (*)(Build&, const Step&);

constexpr std::pair<std::string_view, Builder> kBuilders[] = {
    {"matmul", build_matmul},
    {"reduce_sum", build_reduce},
    {"reduce_max", build_reduce},
    {"softmax", build_softmax},
    {"log_softmax", build_softmax},
    {"layer_norm", build_layer_norm},
    {"layer_norm_grad", build_layer_norm_grad},
    {"attention", build_attention},
    {"attention_grad", build_attention_grad},
    {"gather", build_gather},
    {"scatter_add", build_scatter_add},
    {"spread", build_spread},
};

Builder find_builder(const Step& step) {
  if (!step.op) return build_elementwise;
  for (const auto& [name, builder] : kBuilders)
    if (name == step.op->name) return builder;
  return nullptr;
}

// Kernels count elements in 32 bits; the last block may reach a little beyond the end.
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 31) - (1 << 16);

std::string why_too_large(const Operand& operand) {
  const std::int64_t reach =
      std::max(count(operand.type.shape), extent_of(operand.type.shape, operand.strides));
  if (reach <= kMaxElements) return "";
  return fmt::format(
      "an operand of shape {} reaches over {} elements and the CUDA kernels count to {}; "
      "use a smaller batch",
      to_string(operand.type.shape), reach, kMaxElements);
}

std::string why_too_large(const Member& member) {
  for (const auto* operands : {&member.inputs, &member.outputs})
    for (const Operand& operand : *operands)
      if (std::string why = why_too_large(operand); !why.empty()) return why;
  return "";
}

}  // namespace

std::string why_unsupported(const Step& step) {
  if (!find_builder(step)) return "the cuda backend has no kernel for this op";
  for (const Expression* expression : {&step.prologue, &step.body})
    if (std::string why = expression_limits(*expression); !why.empty()) return why;
  for (const Member& member : step.members) {
    if (std::string why = why_too_large(member); !why.empty()) return why;
    if (step.op && step.op->name.starts_with("attention") &&
        member.inputs[0].type.shape.back() > kMaxHeadWidth)
      return fmt::format("the heads are {} wide and the CUDA kernels hold {}; use more heads",
                         member.inputs[0].type.shape.back(), kMaxHeadWidth);
  }
  return "";
}

void build_step(Build& build, const Step& step) { find_builder(step)(build, step); }

}  // namespace trine::cuda
