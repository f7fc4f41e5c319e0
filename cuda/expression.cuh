// How kernels meet elementwise expressions. A kernel is a template over a Body (and, for
// reductions, a Prologue): a type with run(access), which loads registers, computes and stores
// through `access`. Three kinds of them exist: Identity here, the interpreter of
// cuda/interpreter.cuh, and the text that backends/cuda/generated_source.h prints for NVRTC.
#pragma once

#include "cuda/members.cuh"
#include "cuda/philox.cuh"
#include "cuda/portable.cuh"

namespace trine::cuda {

// The record of the member that this block works for; `block` becomes its number in that member.
template <class Member>
TRINE_DEVICE const Member& find_member(const LaunchArgs& args, int& block) {
  const Member* members = reinterpret_cast<const Member*>(args.table + args.members);
  const int self = static_cast<int>(blockIdx.x);
  int low = 0, high = args.count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (members[middle].first_block <= self)
      low = middle;
    else
      high = middle - 1;
  }
  block = self - members[low].first_block;
  return members[low];
}

struct Coordinates {
  int at[kMaxDims];
};

TRINE_DEVICE Coordinates coordinates_of(const Domain& domain, int element) {
  Coordinates c = {};
  TRINE_UNROLL
  for (int d = kMaxDims - 1; d > 0; --d) {
    if (d >= domain.rank) continue;
    const int rest = element / domain.extents[d];
    c.at[d] = element - rest * domain.extents[d];
    element = rest;
  }
  c.at[0] = element;
  return c;
}

TRINE_DEVICE int offset_of(const Domain& domain, const int* strides, const Coordinates& c) {
  int offset = 0;
  TRINE_UNROLL
  for (int d = 0; d < kMaxDims; ++d)
    if (d < domain.rank) offset += c.at[d] * strides[d];
  return offset;
}

TRINE_DEVICE float load(const Window& window, int offset) {
  if (window.is_integer)
    return static_cast<float>(reinterpret_cast<const int*>(window.data)[offset]);
  return window.data[offset];
}

TRINE_DEVICE void store(const Window& window, int offset, float value) {
  if (window.is_integer)
    reinterpret_cast<int*>(window.data)[offset] = static_cast<int>(value);
  else
    window.data[offset] = value;
}

// One element of an index space, as an elementwise body sees it.
class PointAccess {
 public:
  TRINE_DEVICE PointAccess(const LaunchArgs& args, const Points& points, int element)
      : args_(args),
        points_(points),
        element_(element),
        coordinates_(coordinates_of(points.domain, element)) {}

  TRINE_DEVICE float load(int input) const {
    return cuda::load(window(points_.inputs, input), offset(points_.inputs, input));
  }
  TRINE_DEVICE void store(int output, float value) {
    cuda::store(window(points_.outputs, output), offset(points_.outputs, output), value);
  }
  TRINE_DEVICE unsigned word(int slot) const {
    return reinterpret_cast<const unsigned*>(args_.table + points_.scalars)[slot];
  }
  TRINE_DEVICE float scalar(int slot) const { return __uint_as_float(word(slot)); }
  TRINE_DEVICE float draw(int slot) const {
    return Draws(args_.step, word(slot)).uniform(static_cast<unsigned long long>(element_));
  }

 private:
  TRINE_DEVICE const Window& window(int array, int index) const {
    return reinterpret_cast<const Window*>(args_.table + array)[index];
  }
  TRINE_DEVICE int offset(int array, int index) const {
    return offset_of(points_.domain, window(array, index).strides, coordinates_);
  }

  const LaunchArgs& args_;
  const Points& points_;
  int element_;
  Coordinates coordinates_;
};

// The same after a structured kernel: register 0 is that kernel's result.
class EpilogueAccess : public PointAccess {
 public:
  TRINE_DEVICE EpilogueAccess(const LaunchArgs& args, const Points& points, int element,
                              float result)
      : PointAccess(args, points, element), result_(result) {}

  TRINE_DEVICE float load(int input) const {
    return input == 0 ? result_ : PointAccess::load(input - 1);
  }

 private:
  float result_;
};

// Stores what it loads.
struct Identity {
  TRINE_DEVICE Identity(const LaunchArgs&, const Code&) {}
  template <class Access>
  TRINE_DEVICE void run(Access& at) const {
    at.store(0, at.load(0));
  }
};

// Hands one result of a structured kernel to its epilogue.
template <class Body>
TRINE_DEVICE void finish(const LaunchArgs& args, const Points& points, int element, float result) {
  EpilogueAccess at(args, points, element, result);
  Body(args, args.body).run(at);
}

}  // namespace trine::cuda
