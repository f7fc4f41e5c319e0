// Elementwise steps: copies of words, and expressions.
#include "backends/cuda/build.h"

namespace trine::cuda {
namespace {

// Words of equal type move unchanged.
bool moves_words(const Step& step) {
  return step.body.is_copy() &&
         step.members[0].inputs[0].type.dtype == step.members[0].outputs[0].type.dtype;
}

}  // namespace

void build_elementwise(Build& build, const Step& step) {
  Launch launch{.file = "elementwise", .kernel = "copy"};
  if (!moves_words(step)) {
    launch.kernel = "elementwise";
    launch.body = &step.body;
    launch.args.body = code_of(build, step.body);
  }
  std::vector<ElementwiseMember> members;
  Blocks blocks;
  for (const Member& member : step.members) {
    const std::int64_t n = count(member.outputs[0].type.shape);
    if (n == 0) continue;
    members.push_back({blocks.take(ceil_div(n, kThreads * kElementsPerThread)), static_cast<int>(n),
                       points_of(build, member.outputs[0].type.shape, member.inputs, member.outputs,
                                 member.scalars)});
  }
  build.add(launch, members, blocks.total());
}

}  // namespace trine::cuda
