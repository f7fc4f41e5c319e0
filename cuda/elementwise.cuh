// Elementwise steps: a body over the index space of each member, and copies of words.
// A block covers kThreads * kElementsPerThread consecutive elements; neighbouring threads take
// neighbouring ones.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

// Calls visit(element) for each element of this thread's member that it owns.
template <class Visit>
TRINE_DEVICE void for_own_elements(int block, int count, Visit visit) {
  TRINE_UNROLL
  for (int k = 0; k < kElementsPerThread; ++k) {
    const int element = (block * kElementsPerThread + k) * kThreads + static_cast<int>(threadIdx.x);
    if (element < count) visit(element);
  }
}

template <class Body>
TRINE_DEVICE void elementwise(const LaunchArgs& args) {
  int block;
  const ElementwiseMember member = find_member<ElementwiseMember>(args, block);
  const Body body(args, args.body);
  for_own_elements(block, member.count, [&](int element) {
    PointAccess at(args, member.points, element);
    body.run(at);
  });
}

// Words of equal type move unchanged, whatever they mean.
TRINE_DEVICE void copy(const LaunchArgs& args) {
  int block;
  const ElementwiseMember member = find_member<ElementwiseMember>(args, block);
  const Domain& domain = member.points.domain;
  const auto window = [&](int offset) {
    return read_only(reinterpret_cast<const Window*>(args.table + offset));
  };
  const Window from = window(member.points.inputs), to = window(member.points.outputs);
  for_own_elements(block, member.count, [&](int element) {
    const Coordinates c = coordinates_of(domain, element);
    to.data.as<unsigned>()[offset_of(domain, to.strides, c)] =
        from.data.as<const unsigned>()[offset_of(domain, from.strides, c)];
  });
}

}  // namespace trine::cuda
