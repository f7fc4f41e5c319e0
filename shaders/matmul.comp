#version 450
#extension GL_GOOGLE_include_directive : enable
// c = a b for batches of matrices with any strides. A work group makes square tiles of c, each
// invocation MICRO x MICRO elements that lie 16 apart; the sum over k runs in order.
//
// Record: 0 output; 2 m, n, k, batches; 6 batch extents; 12 a, 14 its row and column stride, 16 its
// batch strides; 22 b, 24, 26 likewise. Batch extents and strides are six words each.
#include "common.glsl"
#include "result.glsl"

layout(local_size_x = 16, local_size_y = 16) in;
layout(constant_id = 0) const uint MICRO = 4;

const uint kTile = 16 * MICRO;
const uint kDepth = 16;

// One column of padding keeps the invocations of a row on different banks.
shared float a_tile[kDepth * (kTile + 1)];
shared float b_tile[kDepth * (kTile + 1)];

struct Matrix {
  Operand at;
  uint row, column;  // strides
};

Matrix matrix(uint first, uint batch) {
  Operand o = operand(first);
  o.offset += locate(batch, kDims - 2, 6, first + 4);
  return Matrix(o, field(first + 2), field(first + 3));
}

// Tile of a from (row, depth), stored depth-major; neighbouring invocations read along the unit
// stride. Outside the matrix it is 0.
void load_a(Matrix a, uint row, uint depth, uint m, uint k) {
  for (uint i = gl_LocalInvocationIndex; i < kTile * kDepth; i += 256) {
    const bool along_k = a.column == 1;
    const uint r = along_k ? i / kDepth : i % kTile;
    const uint d = along_k ? i % kDepth : i / kTile;
    const bool inside = row + r < m && depth + d < k;
    a_tile[d * (kTile + 1) + r] =
        inside ? load_float(a.at, (row + r) * a.row + (depth + d) * a.column) : 0.0;
  }
}

void load_b(Matrix b, uint depth, uint column, uint k, uint n) {
  for (uint i = gl_LocalInvocationIndex; i < kTile * kDepth; i += 256) {
    const bool along_k = b.row == 1;
    const uint c = along_k ? i / kDepth : i % kTile;
    const uint d = along_k ? i % kDepth : i / kTile;
    const bool inside = depth + d < k && column + c < n;
    b_tile[d * (kTile + 1) + c] =
        inside ? load_float(b.at, (depth + d) * b.row + (column + c) * b.column) : 0.0;
  }
}

void multiply_tile(uint batch, uint row, uint column, uint m, uint n, uint k) {
  const Matrix a = matrix(12, batch), b = matrix(22, batch);
  float total[MICRO][MICRO];
  for (uint i = 0; i < MICRO; ++i)
    for (uint j = 0; j < MICRO; ++j) total[i][j] = 0.0;

  for (uint depth = 0; depth < k; depth += kDepth) {
    load_a(a, row, depth, m, k);
    load_b(b, depth, column, k, n);
    barrier();
    for (uint d = 0; d < kDepth; ++d) {
      const uint a_row = d * (kTile + 1) + gl_LocalInvocationID.y;
      const uint b_row = d * (kTile + 1) + gl_LocalInvocationID.x;
      float right[MICRO];
      for (uint j = 0; j < MICRO; ++j) right[j] = b_tile[b_row + 16 * j];
      for (uint i = 0; i < MICRO; ++i) {
        const float left = a_tile[a_row + 16 * i];
        for (uint j = 0; j < MICRO; ++j) total[i][j] += left * right[j];
      }
    }
    barrier();
  }

  for (uint i = 0; i < MICRO; ++i)
    for (uint j = 0; j < MICRO; ++j) {
      const uint r = row + gl_LocalInvocationID.y + 16 * i;
      const uint c = column + gl_LocalInvocationID.x + 16 * j;
      if (r < m && c < n) finish((batch * m + r) * n + c, total[i][j]);
    }
}

void main() {
  select_member();
  const uint m = field(2), n = field(3), k = field(4), batches = field(5);
  const uint rows = (m + kTile - 1) / kTile, columns = (n + kTile - 1) / kTile;
  for (uint t = gl_WorkGroupID.x; t < batches * rows * columns; t += gl_NumWorkGroups.x)
    multiply_tile(t / (rows * columns), t / columns % rows * kTile, t % columns * kTile, m, n, k);
}
