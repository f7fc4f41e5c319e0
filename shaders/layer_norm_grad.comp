#version 450
#extension GL_GOOGLE_include_directive : enable
// Gradient of layer norm with respect to x: with n the normalized row and h = g gamma,
// dx = rstd (h - mean(h) - n mean(h n)).
//
// Record: 0 output; 2 rows, 3 columns, 4 lanes; 6 x, 8 gamma, 10 mean, 12 reciprocal standard
// deviation, 14 g.
#include "common.glsl"
#include "result.glsl"
#include "rows.glsl"

void main() {
  select_member();
  const uint rows = field(2), columns = field(3), lanes = field(4);
  const uint lane = gl_LocalInvocationID.x % lanes, held = kInvocations / lanes;
  const Operand x = operand(6), gamma = operand(8), g = operand(14);
  for (uint first = gl_WorkGroupID.x * held; first < rows; first += gl_NumWorkGroups.x * held) {
    const uint row = first + gl_LocalInvocationID.x / lanes;
    const uint begin = row * columns, end = row < rows ? columns : 0;
    const float mean = row < rows ? load_float(operand(10), row) : 0.0;
    const float scale = row < rows ? load_float(operand(12), row) : 0.0;
    float total_h = 0.0, total_hn = 0.0;
    for (uint j = lane; j < end; j += lanes) {
      const float h = load_float(g, begin + j) * load_float(gamma, j);
      total_h += h;
      total_hn += h * (load_float(x, begin + j) - mean) * scale;
    }
    const float mean_h = sum_of_row(total_h, lane, lanes) / float(columns);
    const float mean_hn = sum_of_row(total_hn, lane, lanes) / float(columns);
    for (uint j = lane; j < end; j += lanes) {
      const float h = load_float(g, begin + j) * load_float(gamma, j);
      const float normalized = (load_float(x, begin + j) - mean) * scale;
      finish(begin + j, scale * (h - mean_h - normalized * mean_hn));
    }
  }
}
