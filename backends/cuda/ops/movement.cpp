// Steps that move rows: gather, scatter_add, spread.
#include <algorithm>

#include "backends/cuda/build.h"
#include "engine/layout.h"

namespace trine::cuda {
namespace {

int row_length(const Shape& shape) {
  return static_cast<int>(count(shape) / std::max<std::int64_t>(shape[0], 1));
}

int blocks_for(Blocks& blocks, std::int64_t elements) {
  return blocks.take(ceil_div(elements, kThreads * kElementsPerThread));
}

void build_gather(Build& build, const Step& step) {
  std::vector<GatherMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const std::int64_t n = count(member.outputs[0].type.shape);
    if (n == 0) continue;
    GatherMember m{};
    m.first_block = blocks_for(blocks, n);
    m.count = static_cast<int>(n);
    m.width = row_length(member.inputs[0].type.shape);
    m.rows = static_cast<int>(member.inputs[0].type.shape[0]);
    m.table = build.address<unsigned>(member.inputs[0]);
    m.index = build.address<int>(member.inputs[1]);
    m.out = build.address<unsigned>(member.outputs[0]);
    members.push_back(m);
  }
  build.add({.file = "gather", .kernel = "gather"}, members, blocks.total());
}

void build_scatter_add(Build& build, const Step& step) {
  std::vector<ScatterAddMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const std::int64_t n = count(member.outputs[0].type.shape);
    if (n == 0) continue;
    ScatterAddMember m{};
    m.first_block = blocks_for(blocks, n);
    m.count = static_cast<int>(n);
    m.updates = static_cast<int>(count(member.inputs[0].type.shape));
    m.width = row_length(member.outputs[0].type.shape);
    m.rows = static_cast<int>(member.outputs[0].type.shape[0]);
    m.index = build.address<int>(member.inputs[0]);
    m.from = build.address(member.inputs[1]);
    m.out = build.address(member.outputs[0]);
    members.push_back(m);
  }
  build.add({.file = "scatter_add", .kernel = "scatter_add"}, members, blocks.total());
}

void build_spread(Build& build, const Step& step) {
  std::vector<SpreadMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const Operand &from = member.inputs[0], &to = member.outputs[0];
    const std::int64_t n = count(to.type.shape);
    if (n == 0) continue;
    const int axis = static_cast<int>(member.attrs.integer("axis"));
    SpreadMember m{};
    m.first_block = blocks_for(blocks, n);
    m.count = static_cast<int>(n);
    m.inner = 1;
    for (int d = axis + 1; d < to.type.shape.rank(); ++d)
      m.inner *= static_cast<int>(to.type.shape[d]);
    m.extent = static_cast<int>(to.type.shape[axis]);
    m.start = static_cast<int>(member.attrs.integer("start"));
    m.every = static_cast<int>(member.attrs.integer("step"));
    m.length = static_cast<int>(from.type.shape[axis]);
    Shape domain = from.type.shape;
    Strides strides[] = {from.strides};
    collapse(domain, strides);
    m.domain = domain_of(domain);
    for (int d = 0; d < domain.rank(); ++d) m.strides[d] = static_cast<int>(strides[0][d]);
    m.x = build.address<unsigned>(from);
    m.out = build.address<unsigned>(to);
    members.push_back(m);
  }
  build.add({.file = "spread", .kernel = "spread"}, members, blocks.total());
}

}  // namespace

std::vector<OpKernel> movement_kernels() {
  return {{.op = "gather", .build = build_gather},
          {.op = "scatter_add", .build = build_scatter_add},
          {.op = "spread", .build = build_spread}};
}

}  // namespace trine::cuda
