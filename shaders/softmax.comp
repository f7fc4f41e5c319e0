#version 450
#extension GL_GOOGLE_include_directive : enable
// Softmax or log-softmax of dense rows. Under a causal mask, row r of a matrix sees its first
// r + visible columns; masked columns are skipped and their result is 0.
//
// Record: 0 output; 2 rows, 3 columns, 4 lanes, 5 rows of a matrix, 6 whether causal, 7 visible
// columns of row 0 (signed), 8 input.
#include "common.glsl"
#include "result.glsl"
#include "rows.glsl"

layout(constant_id = 0) const bool LOGARITHM = false;

uint visible_columns(uint row, uint columns) {
  if (field(6) == 0) return columns;
  return uint(clamp(int(row % field(5)) + int(field(7)), 0, int(columns)));
}

void main() {
  select_member();
  const uint rows = field(2), columns = field(3), lanes = field(4);
  const uint lane = gl_LocalInvocationID.x % lanes, held = kInvocations / lanes;
  const Operand x = operand(8);
  for (uint first = gl_WorkGroupID.x * held; first < rows; first += gl_NumWorkGroups.x * held) {
    const uint row = first + gl_LocalInvocationID.x / lanes;
    const uint end = row < rows ? columns : 0;
    const uint seen = row < rows ? visible_columns(row, columns) : 0;
    float largest = -3.0e38;
    for (uint j = lane; j < seen; j += lanes) largest = max(largest, load_float(x, row * columns + j));
    largest = max_of_row(largest, lane, lanes);
    float total = 0.0;
    for (uint j = lane; j < seen; j += lanes) total += exp(load_float(x, row * columns + j) - largest);
    total = sum_of_row(total, lane, lanes);
    for (uint j = lane; j < end; j += lanes) {
      const float shifted = j < seen ? load_float(x, row * columns + j) - largest : 0.0;
      const float weight = LOGARITHM ? shifted - log(total) : exp(shifted) / total;
      finish(row * columns + j, j < seen ? weight : 0.0);
    }
  }
}
