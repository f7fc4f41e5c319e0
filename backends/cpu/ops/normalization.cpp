// Steps whose unit of work is a row of the last axis: softmax, log-softmax, sparsemax, layer norm.
#include <algorithm>

#include "backends/cpu/operands.h"
#include "engine/error.h"

namespace trine::cpu {
namespace {

// Calls add(first row, end row) for groups of rows that make a task.
template <class Add>
void for_row_groups(const Operand& x, Add add) {
  const std::int64_t width = x.type.shape.back();
  for_pieces(count(x.type.shape) / width, std::max<std::int64_t>(1, kGrain / width), add);
}

void build_softmax(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const float* x = build.address(member.inputs[0]);
    const Epilogue epilogue(build, step, member);
    float* out = epilogue.landing();
    const Shape& shape = member.inputs[0].type.shape;
    const std::int64_t n = shape.back(), rows = shape.rank() > 1 ? shape[shape.rank() - 2] : 1;
    const bool log = step.op->name == "log_softmax", causal = member.attrs.has("causal_offset");
    const std::int64_t offset = causal ? member.attrs.integer("causal_offset") : 0;
    for_row_groups(member.inputs[0], [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext& context) {
        for (std::int64_t r = begin; r < end; ++r) {
          const std::int64_t visible =
              causal ? std::clamp<std::int64_t>(r % rows + offset + 1, 0, n) : n;
          if (log)
            kernels.log_softmax(out + r * n, x + r * n, n);
          else
            kernels.softmax(out + r * n, x + r * n, visible, n);
        }
        epilogue.run(begin * n, end * n, context);
      });
    });
  }
}

void build_sparsemax(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const float* x = build.address(member.inputs[0]);
    float* out = build.address(member.outputs[0]);
    const std::int64_t n = member.inputs[0].type.shape.back();
    for_row_groups(member.inputs[0], [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext&) {
        for (std::int64_t r = begin; r < end; ++r) kernels.sparsemax(out + r * n, x + r * n, n);
      });
    });
  }
}

void build_layer_norm(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const float* x = build.address(member.inputs[0]);
    const float* gamma = build.address(member.inputs[1]);
    const float* beta = build.address(member.inputs[2]);
    float* out = build.address(member.outputs[0]);
    float* mean = build.address(member.outputs[1]);
    float* rstd = build.address(member.outputs[2]);
    const std::int64_t n = member.inputs[0].type.shape.back();
    const float epsilon = static_cast<float>(member.attrs.real("epsilon"));
    for_row_groups(member.inputs[0], [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext&) {
        for (std::int64_t r = begin; r < end; ++r)
          kernels.layer_norm(out + r * n, mean + r, rstd + r, x + r * n, gamma, beta, n, epsilon);
      });
    });
  }
}

void build_layer_norm_grad(BuildContext& build, const Step& step, WaveTasks& tasks) {
  const Kernels& kernels = build.kernels();
  for (const Member& member : step.members) {
    const float* x = build.address(member.inputs[0]);
    const float* gamma = build.address(member.inputs[1]);
    const float* mean = build.address(member.inputs[2]);
    const float* rstd = build.address(member.inputs[3]);
    const float* g = build.address(member.inputs[4]);
    const Epilogue epilogue(build, step, member);
    float* dx = epilogue.landing();
    const std::int64_t n = member.inputs[0].type.shape.back();
    for_row_groups(member.inputs[0], [&](std::int64_t begin, std::int64_t end) {
      tasks.add([=, &kernels](const TaskContext& context) {
        for (std::int64_t r = begin; r < end; ++r)
          kernels.layer_norm_grad(dx + r * n, x + r * n, gamma, mean[r], rstd[r], g + r * n, n);
        epilogue.run(begin * n, end * n, context);
      });
    });
  }
}

}  // namespace

std::vector<OpKernel> normalization_kernels() {
  return {{.op = "softmax", .build = build_softmax},
          {.op = "log_softmax", .build = build_softmax},
          {.op = "sparsemax", .build = build_sparsemax},
          {.op = "layer_norm", .build = build_layer_norm},
          {.op = "layer_norm_grad", .build = build_layer_norm_grad, .epilogue = true}};
}

}  // namespace trine::cpu
