#version 450
#extension GL_GOOGLE_include_directive : enable
// Rows of a table by index; words move unchanged. An index outside the table reads its nearest row.
//
// Record: 0 output; 2 elements of the result, 3 words of a row, 4 rows of the table; 5 table, 7 index.
#include "common.glsl"

layout(local_size_x = 256) in;

void main() {
  select_member();
  const uint elements = field(2), width = field(3);
  const int last = int(field(4)) - 1;
  const Operand rows = operand(5), index = operand(7), result = operand(0);
  for (uint e = gl_GlobalInvocationID.x; e < elements; e += gl_NumWorkGroups.x * 256) {
    const uint row = uint(clamp(int(load_word(index, e / width)), 0, last));
    store_word(result, e, load_word(rows, row * width + e % width));
  }
}
