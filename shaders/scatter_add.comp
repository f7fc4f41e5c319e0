#version 450
#extension GL_GOOGLE_include_directive : enable
// Row r of the result is the sum, in order, of the updates whose index is r. A work group owns a row
// and looks through the index in blocks, so that no two invocations add to one element; blocks
// without its row cost one comparison an invocation.
//
// Record: 0 output; 2 rows, 3 words of a row, 4 updates; 5 index, 7 updates.
#include "common.glsl"
#include "result.glsl"

layout(local_size_x = 256) in;

shared uint block[256];
shared uint found;

uint row_of(Operand index, uint i, uint rows) {
  return uint(clamp(int(load_word(index, i)), 0, int(rows) - 1));
}

// The sum for one column; all invocations take part, also those without one (`inside` false).
float sum_of_column(Operand index, Operand updates, uint row, uint column, bool inside) {
  const uint rows = field(2), width = field(3), n = field(4);
  const uint me = gl_LocalInvocationID.x;
  float total = 0.0;
  for (uint first = 0; first < n; first += 256) {
    if (me == 0) found = 0;
    barrier();
    block[me] = first + me < n ? row_of(index, first + me, rows) : rows;
    if (block[me] == row) found = 1;
    barrier();
    if (found != 0 && inside)
      for (uint i = 0; i < 256; ++i)
        if (block[i] == row) total += load_float(updates, (first + i) * width + column);
    barrier();
  }
  return total;
}

void main() {
  select_member();
  const uint rows = field(2), width = field(3);
  const Operand index = operand(5), updates = operand(7);
  for (uint row = gl_WorkGroupID.x; row < rows; row += gl_NumWorkGroups.x)
    for (uint first = 0; first < width; first += 256) {
      const uint column = first + gl_LocalInvocationID.x;
      const float total = sum_of_column(index, updates, row, column, column < width);
      if (column < width) finish(row * width + column, total);
    }
}
