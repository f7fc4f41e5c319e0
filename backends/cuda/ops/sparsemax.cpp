#include "backends/cuda/build.h"

namespace trine::cuda {
namespace {

void build_sparsemax(Build& build, const Step& step) {
  constexpr int kRowsPerBlock = kThreads / kWarp;
  std::vector<SparsemaxMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const Shape& shape = member.inputs[0].type.shape;
    if (count(shape) == 0) continue;
    SparsemaxMember m{};
    m.width = static_cast<int>(shape.back());
    m.rows = static_cast<int>(count(shape) / m.width);
    m.first_block = blocks.take(ceil_div(m.rows, kRowsPerBlock));
    m.x = build.address(member.inputs[0]);
    m.out = build.address(member.outputs[0]);
    members.push_back(m);
  }
  build.add({.file = "sparsemax", .kernel = "sparsemax"}, members, blocks.total());
}

}  // namespace

std::vector<OpKernel> sparsemax_kernels() {
  return {{.op = "sparsemax", .build = build_sparsemax}};
}

}  // namespace trine::cuda
