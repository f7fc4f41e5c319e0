// Sums and maxima over any axes. Each result is made by a few threads of one block, which walk the
// reduced elements in strides and combine in a tree: the order depends on extents alone. Long
// reductions with few results are cut into segments, whose partial results a second launch reduces.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

struct Sum {
  TRINE_DEVICE static float start() { return 0.0f; }
  TRINE_DEVICE static float combine(float x, float y) { return x + y; }
};

struct Max {
  TRINE_DEVICE static float start() { return __uint_as_float(0xff800000u); }
  TRINE_DEVICE static float combine(float x, float y) { return max(x, y); }
};

// One element of the reduced index space, as a prologue sees it.
class PrologueAccess {
 public:
  TRINE_DEVICE PrologueAccess(const LaunchArgs& args, const ReduceMember& member, int element)
      : args_(args), member_(member), coordinates_(coordinates_of(member.domain, element)) {}

  TRINE_DEVICE float load(int input) const {
    const Window window =
        read_only(reinterpret_cast<const Window*>(args_.table + member_.inputs) + input);
    return cuda::load(window, offset_of(member_.domain, window.strides, coordinates_));
  }
  TRINE_DEVICE void store(int, float value) { value_ = value; }
  TRINE_DEVICE float scalar(int slot) const {
    return __ldg(reinterpret_cast<const float*>(args_.table + member_.scalars) + slot);
  }
  TRINE_DEVICE float draw(int) const { return 0.0f; }  // no prologue draws: engine/plan.h, Step

  TRINE_DEVICE float value() const { return value_; }

 private:
  const LaunchArgs& args_;
  const ReduceMember& member_;
  Coordinates coordinates_;
  float value_ = 0.0f;
};

template <class Combine, class Prologue, class Body>
TRINE_DEVICE void reduce(const LaunchArgs& args) {
  __shared__ float shared[kThreads];
  int block;
  const ReduceMember m = find_member<ReduceMember>(args, block);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = m.lanes_adjacent ? thread % m.lanes : thread / m.width;
  const int slot = m.lanes_adjacent ? thread / m.lanes : thread % m.width;
  const int segment = block % m.segments;
  const int result = block / m.segments * m.width + slot;
  const int first = segment * m.segment_length;
  const int last = min(first + m.segment_length, m.reduced);

  float total = Combine::start();
  if (result < m.results) {
    const Prologue prologue(args, args.prologue);
    const int outer = result / m.inner, inner = result % m.inner;
    for (int p = first + lane; p < last; p += m.lanes) {
      PrologueAccess at(args, m, (outer * m.reduced + p) * m.inner + inner);
      prologue.run(at);
      total = Combine::combine(total, at.value());
    }
  }
  float* column = shared + slot;
  column[lane * m.width] = total;
  for (int half = m.lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half)
      column[lane * m.width] =
          Combine::combine(column[lane * m.width], column[(lane + half) * m.width]);
  }
  if (lane != 0 || result >= m.results) return;
  if (m.segments > 1)
    m.partials[segment * m.results + result] = column[0];
  else
    finish<Body>(args, m.points, result, column[0]);
}

}  // namespace trine::cuda
