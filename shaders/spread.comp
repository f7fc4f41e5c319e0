#version 450
#extension GL_GOOGLE_include_directive : enable
// Elements set apart along one axis, with zeros between and around them; words move unchanged.
//
// Record: 0 output; 2 elements of the result; 3 words inside the axis; 4 extent of the result's axis,
// 5 start, 6 step, 7 extent of the input's axis; 8 input, 10 its rank, 11 its extents, 17 its strides.
#include "common.glsl"

layout(local_size_x = 256) in;

void main() {
  select_member();
  const uint elements = field(2), inner = field(3), extent = field(4);
  const uint start = field(5), step_ = field(6), given = field(7);
  const Operand x = operand(8), result = operand(0);
  for (uint e = gl_GlobalInvocationID.x; e < elements; e += gl_NumWorkGroups.x * 256) {
    const uint outer = e / inner / extent, at = e / inner % extent;
    const uint from = (at - start) / step_;
    const bool holds = at >= start && (at - start) % step_ == 0 && from < given;
    const uint source = (outer * given + from) * inner + e % inner;
    store_word(result, e, holds ? load_word(x, locate(source, field(10), 11, 17)) : 0u);
  }
}
