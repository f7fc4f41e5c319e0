#version 450
#extension GL_GOOGLE_include_directive : enable
// Layer norm of dense rows: (x - mean) / sqrt(variance + epsilon) * gamma + beta. Also stores the mean
// and the reciprocal standard deviation of each row. The variance comes from a second pass over the
// row, which cancellation cannot spoil.
//
// Record: 0 output; 2 rows, 3 columns, 4 lanes, 5 epsilon; 6 x, 8 gamma, 10 beta, 12 mean, 14 reciprocal
// standard deviation.
#include "common.glsl"
#include "result.glsl"
#include "rows.glsl"

void main() {
  select_member();
  const uint rows = field(2), columns = field(3), lanes = field(4);
  const uint lane = gl_LocalInvocationID.x % lanes, held = kInvocations / lanes;
  const Operand x = operand(6), gamma = operand(8), beta = operand(10);
  for (uint first = gl_WorkGroupID.x * held; first < rows; first += gl_NumWorkGroups.x * held) {
    const uint row = first + gl_LocalInvocationID.x / lanes;
    const uint begin = row * columns, end = row < rows ? columns : 0;
    float total = 0.0;
    for (uint j = lane; j < end; j += lanes) total += load_float(x, begin + j);
    const float mean = sum_of_row(total, lane, lanes) / float(columns);
    float squares = 0.0;
    for (uint j = lane; j < end; j += lanes) {
      const float centred = load_float(x, begin + j) - mean;
      squares += centred * centred;
    }
    const float variance = sum_of_row(squares, lane, lanes) / float(columns);
    const float scale = 1.0 / sqrt(variance + float_field(5));
    for (uint j = lane; j < end; j += lanes) {
      const float normalized = (load_float(x, begin + j) - mean) * scale;
      finish(begin + j, normalized * load_float(gamma, j) + load_float(beta, j));
    }
    if (lane == 0 && row < rows) {
      store_float(operand(12), row, mean);
      store_float(operand(14), row, scale);
    }
  }
}
