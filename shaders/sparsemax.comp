#version 450
#extension GL_GOOGLE_include_directive : enable
// Sparsemax of dense rows, a work group a row. The threshold t makes max(0, x - t) add up to 1;
// Newton's method finds it from below in a few rounds (Michelot 1986), and ends where the elements
// above it are those that made it.
//
// Record: 0 output; 2 rows, 3 columns, 4 unused; 5 input.
#include "common.glsl"
#include "result.glsl"
#include "rows.glsl"

void main() {
  select_member();
  const uint rows = field(2), columns = field(3);
  const uint lane = gl_LocalInvocationID.x;
  const Operand x = operand(5);
  for (uint row = gl_WorkGroupID.x; row < rows; row += gl_NumWorkGroups.x) {
    const uint begin = row * columns;
    float largest = -1.0 / 0.0;
    for (uint j = lane; j < columns; j += kInvocations)
      largest = max(largest, load_float(x, begin + j));
    largest = max_of_row(largest, lane, kInvocations);
    const bool finite = (floatBitsToUint(largest) & 0x7fffffffu) < 0x7f800000u;

    // Less the largest, so that the first threshold, -1, is below the one that is sought. All
    // invocations hold the same numbers, so all leave the loop together.
    float threshold = -1.0, kept = float(columns) + 1.0;
    while (finite) {
      float number = 0.0, total = 0.0;
      for (uint j = lane; j < columns; j += kInvocations) {
        const float z = load_float(x, begin + j) - largest;
        if (z > threshold) {
          number += 1.0;
          total += z;
        }
      }
      number = sum_of_row(number, lane, kInvocations);
      total = sum_of_row(total, lane, kInvocations);
      if (number >= kept) break;
      threshold = (total - 1.0) / number;
      kept = number;
    }
    for (uint j = lane; j < columns; j += kInvocations) {
      const float above = load_float(x, begin + j) - largest - threshold;
      finish(begin + j, finite ? max(above, 0.0) : uintBitsToFloat(0x7fc00000u));
    }
  }
}
