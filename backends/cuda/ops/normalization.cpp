// Steps whose unit of work is a row of the last axis, a warp each: softmax, layer norm.
#include "backends/cuda/build.h"

namespace trine::cuda {
namespace {

constexpr int kRowsPerBlock = kThreads / kWarp;

struct Rows {
  int width, rows, first_block;

  Rows(const Operand& x, Blocks& blocks)
      : width(static_cast<int>(x.type.shape.back())),
        rows(static_cast<int>(count(x.type.shape) / width)),
        first_block(blocks.take(ceil_div(rows, kRowsPerBlock))) {}
};

void build_softmax(Build& build, const Step& step) {
  std::vector<SoftmaxMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const Shape& shape = member.inputs[0].type.shape;
    if (count(shape) == 0) continue;
    const Rows rows(member.inputs[0], blocks);
    SoftmaxMember m{};
    m.first_block = rows.first_block;
    m.rows = rows.rows;
    m.width = rows.width;
    const bool causal = member.attrs.has("causal_offset");
    m.queries = causal && shape.rank() > 1 ? static_cast<int>(shape[shape.rank() - 2]) : 1;
    m.visible = causal ? static_cast<int>(member.attrs.integer("causal_offset")) + 1 : m.width;
    m.x = build.address(member.inputs[0]);
    m.out = build.address(member.outputs[0]);
    members.push_back(m);
  }
  build.add({.file = "softmax", .kernel = step.op->name}, members, blocks.total());
}

void build_layer_norm(Build& build, const Step& step) {
  std::vector<LayerNormMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    if (count(member.inputs[0].type.shape) == 0) continue;
    const Rows rows(member.inputs[0], blocks);
    LayerNormMember m{};
    m.first_block = rows.first_block;
    m.rows = rows.rows;
    m.width = rows.width;
    m.epsilon = static_cast<float>(member.attrs.real("epsilon"));
    m.x = build.address(member.inputs[0]);
    m.gamma = build.address(member.inputs[1]);
    m.beta = build.address(member.inputs[2]);
    m.out = build.address(member.outputs[0]);
    m.mean = build.address(member.outputs[1]);
    m.rstd = build.address(member.outputs[2]);
    members.push_back(m);
  }
  build.add({.file = "layer_norm", .kernel = "layer_norm"}, members, blocks.total());
}

void build_layer_norm_grad(Build& build, const Step& step) {
  Launch launch{.file = "layer_norm_grad", .kernel = "layer_norm_grad"};
  if (!step.body.empty()) {
    launch.body = &step.body;
    launch.args.body = code_of(build, step.body);
  }
  std::vector<LayerNormGradMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    if (count(member.inputs[0].type.shape) == 0) continue;
    const Rows rows(member.inputs[0], blocks);
    LayerNormGradMember m{};
    m.first_block = rows.first_block;
    m.rows = rows.rows;
    m.width = rows.width;
    m.x = build.address(member.inputs[0]);
    m.gamma = build.address(member.inputs[1]);
    m.mean = build.address(member.inputs[2]);
    m.rstd = build.address(member.inputs[3]);
    m.g = build.address(member.inputs[4]);
    m.points = epilogue_points(build, step, member);
    members.push_back(m);
  }
  build.add(launch, members, blocks.total());
}

}  // namespace

std::vector<OpKernel> normalization_kernels() {
  return {{.op = "softmax", .build = build_softmax},
          {.op = "log_softmax", .build = build_softmax},
          {.op = "layer_norm", .build = build_layer_norm},
          {.op = "layer_norm_grad", .build = build_layer_norm_grad, .epilogue = true}};
}

}  // namespace trine::cuda
