// Which builder makes tasks of which step.
#include <string_view>
#include <utility>

#include "backends/cpu/task.h"

namespace trine::cpu {
namespace {

constexpr std::pair<std::string_view, StepBuilder> kBuilders[] = {
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

}  // namespace

StepBuilder find_builder(const Step& step) {
  if (!step.op) return build_elementwise;
  for (const auto& [name, builder] : kBuilders)
    if (name == step.op->name) return builder;
  return nullptr;
}

}  // namespace trine::cpu
