#version 450
#extension GL_GOOGLE_include_directive : enable
// Sum or maximum over the reduced dimensions of an index space. A work group holds 256 / lanes
// results; the lanes of a result take every lanes-th element each and are combined in a fixed order.
//
// Record: 0 output; 2 results; 3 reduced elements; 4 lanes; 5 whether lanes are neighbours (the
// reduced dimension is the contiguous one); 6 kept rank, 7 reduced rank; 8 kept extents; 14 reduced
// extents; from 20 the operands: operand, kept strides, reduced strides (14 words each).
#include "common.glsl"
#include "result.glsl"
#include "math.glsl"

layout(local_size_x = 256) in;
layout(constant_id = 0) const bool MAXIMUM = false;

shared float partial[256];

#ifdef PROLOGUE
#include "prologue"  // float element_at(uint result, uint reduced)
#else
float element_at(uint result, uint reduced) {
  return load_float(operand(20), locate(result, field(6), 8, 22) + locate(reduced, field(7), 14, 28));
}
#endif

float combine(float x, float y) { return MAXIMUM ? max(x, y) : x + y; }

void main() {
  select_member();
  const uint results = field(2), reduced = field(3), lanes = field(4);
  const bool neighbours = field(5) != 0;
  const uint i = gl_LocalInvocationID.x, held = 256 / lanes;
  const uint lane = neighbours ? i % lanes : i / held;
  const uint slot = neighbours ? i / lanes : i % held;
  const uint apart = neighbours ? 1 : held;  // from one lane of a result to the next
  const float start = MAXIMUM ? -1.0 / 0.0 : 0.0;

  for (uint first = gl_WorkGroupID.x * held; first < results; first += gl_NumWorkGroups.x * held) {
    const uint result = first + slot;
    float total = start;
    if (result < results)
      for (uint r = lane; r < reduced; r += lanes) total = combine(total, element_at(result, r));
    partial[i] = total;
    barrier();
    for (uint half_ = lanes / 2; half_ > 0; half_ /= 2) {
      if (lane < half_) partial[i] = combine(partial[i], partial[i + half_ * apart]);
      barrier();
    }
    if (lane == 0 && result < results) finish(result, partial[i]);
    barrier();
  }
}
