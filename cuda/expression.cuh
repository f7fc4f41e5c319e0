// How kernels meet elementwise expressions. A kernel is a template over a Body (and, for
// reductions, a Prologue): a type with run(access), which loads registers, computes and stores
// through `access`. Three kinds of them exist: Identity here, the interpreter of
// cuda/interpreter.cuh, and the text that backends/cuda/generated_source.h prints for NVRTC.
#pragma once

#include "cuda/members.cuh"
#include "cuda/philox.cuh"
#include "cuda/portable.cuh"

namespace trine::cuda {

// Where the record of this block's member stands.
template <class Member>
TRINE_DEVICE const Member* find_record(const LaunchArgs& args) {
  const int* owners = reinterpret_cast<const int*>(args.table + args.owners);
  const int owner = args.count > 1 ? __ldg(owners + blockIdx.x) : 0;
  return reinterpret_cast<const Member*>(args.table + args.members) + owner;
}

// The record itself; `block` becomes this block's number in that member.
template <class Member>
TRINE_DEVICE Member find_member(const LaunchArgs& args, int& block) {
  const Member member = read_only(find_record<Member>(args));
  block = static_cast<int>(blockIdx.x) - member.first_block;
  return member;
}

// n / extent, rounded down, for 0 <= n < 2^31: the product with a reciprocal that is rounded up
// (Granlund and Montgomery 1994, section 4).
TRINE_DEVICE int divide(int n, const Divisor& by) {
  return static_cast<int>(__umulhi(2u * static_cast<unsigned>(n), by.multiplier) >> by.shift);
}

struct Coordinates {
  int at[kMaxDims];
};

TRINE_DEVICE Coordinates coordinates_of(const Domain& domain, int element) {
  Coordinates c = {};
  TRINE_UNROLL
  for (int d = kMaxDims - 1; d > 0; --d) {
    if (d >= domain.rank) continue;
    const int rest = divide(element, domain.axes[d]);
    c.at[d] = element - rest * domain.axes[d].extent;
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
  if (window.is_integer) return static_cast<float>(window.data.as<const int>()[offset]);
  return window.data[offset];
}

TRINE_DEVICE void store(const Window& window, int offset, float value) {
  if (window.is_integer)
    window.data.as<int>()[offset] = static_cast<int>(value);
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
    const Window from = window(points_.inputs, input);
    return cuda::load(from, offset_of(points_.domain, from.strides, coordinates_));
  }
  TRINE_DEVICE void store(int output, float value) {
    const Window to = window(points_.outputs, output);
    cuda::store(to, offset_of(points_.domain, to.strides, coordinates_), value);
  }
  TRINE_DEVICE unsigned word(int slot) const {
    return __ldg(reinterpret_cast<const unsigned*>(args_.table + points_.scalars) + slot);
  }
  TRINE_DEVICE float scalar(int slot) const { return __uint_as_float(word(slot)); }
  TRINE_DEVICE float draw(int slot) const {
    return Draws(args_.step, word(slot)).uniform(static_cast<unsigned long long>(element_));
  }

 private:
  TRINE_DEVICE Window window(int array, int index) const {
    return read_only(reinterpret_cast<const Window*>(args_.table + array) + index);
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
