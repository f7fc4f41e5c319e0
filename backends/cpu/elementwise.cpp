// Elementwise steps: copies and interpreted expressions.
#include <memory>

#include "backends/cpu/operands.h"

namespace trine::cpu {
namespace {

// Words of equal type move unchanged, whatever they mean.
void build_copy(BuildContext& build, const Member& member, WaveTasks& tasks) {
  Shape domain = member.outputs[0].type.shape;
  Strides strides[] = {member.inputs[0].strides, member.outputs[0].strides};
  collapse(domain, strides);
  const float* from = build.address(member.inputs[0]);
  float* to = build.address(member.outputs[0]);
  const bool dense_to = is_dense(domain, strides[1]);
  build.need_scratch(kTile);
  for_pieces(count(domain), kGrain, [&](std::int64_t begin, std::int64_t end) {
    tasks.add([=, source = strides[0], target = strides[1]](const TaskContext& context) {
      if (dense_to) return gather_elements(to + begin, from, domain, source, begin, end - begin);
      for_pieces(end - begin, kTile, [&](std::int64_t first, std::int64_t last) {
        gather_elements(context.scratch, from, domain, source, begin + first, last - first);
        scatter_elements(to, context.scratch, domain, target, begin + first, last - first);
      });
    });
  });
}

}  // namespace

void build_elementwise(BuildContext& build, const Step& step, WaveTasks& tasks) {
  for (const Member& member : step.members) {
    const bool plain =
        step.body.is_copy() && member.inputs[0].type.dtype == member.outputs[0].type.dtype;
    if (plain) {
      build_copy(build, member, tasks);
      continue;
    }
    auto tiles = std::make_shared<const Tiles>(
        build.kernels(), step.body, member.scalars, member.outputs[0].type.shape,
        tile_operands(build, member.inputs), tile_operands(build, member.outputs));
    build.need_scratch(tiles->scratch());
    for_pieces(count(member.outputs[0].type.shape), kGrain,
               [&](std::int64_t begin, std::int64_t end) {
                 tasks.add([=](const TaskContext& context) { tiles->run(begin, end, context); });
               });
  }
}

}  // namespace trine::cpu
