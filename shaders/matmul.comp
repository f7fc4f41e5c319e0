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

// What this invocation brings of the next tiles: MICRO elements of each, 256 apart in the order in
// which neighbours read along the unit stride. All loads go out before any is needed, so that they
// wait for memory together and while the tiles before are multiplied.
float next_a[MICRO], next_b[MICRO];

// Outside of the matrix the value is 0; what is loaded then is its first element.
float load_inside(Matrix m, uint row, uint column, bool inside) {
  const float value = load_float(m.at, inside ? row * m.row + column * m.column : 0);
  return inside ? value : 0.0;
}

void bring_a(Matrix a, uint row, uint depth, uint m, uint k) {
  const bool along_k = a.column == 1;
  for (uint i = 0; i < MICRO; ++i) {
    const uint e = gl_LocalInvocationIndex + 256 * i;
    const uint r = row + (along_k ? e / kDepth : e % kTile);
    const uint d = depth + (along_k ? e % kDepth : e / kTile);
    next_a[i] = load_inside(a, r, d, r < m && d < k);
  }
}

void bring_b(Matrix b, uint depth, uint column, uint k, uint n) {
  const bool along_k = b.row == 1;
  for (uint i = 0; i < MICRO; ++i) {
    const uint e = gl_LocalInvocationIndex + 256 * i;
    const uint c = column + (along_k ? e / kDepth : e % kTile);
    const uint d = depth + (along_k ? e % kDepth : e / kTile);
    next_b[i] = load_inside(b, d, c, d < k && c < n);
  }
}

// Puts what was brought into the tiles, depth-major.
void put_tiles(Matrix a, Matrix b) {
  for (uint i = 0; i < MICRO; ++i) {
    const uint e = gl_LocalInvocationIndex + 256 * i;
    const uint by_depth = e % kDepth * (kTile + 1) + e / kDepth;
    const uint by_row = e / kTile * (kTile + 1) + e % kTile;
    a_tile[a.column == 1 ? by_depth : by_row] = next_a[i];
    b_tile[b.row == 1 ? by_depth : by_row] = next_b[i];
  }
}

void multiply_tile(uint batch, uint row, uint column, uint m, uint n, uint k) {
  const Matrix a = matrix(12, batch), b = matrix(22, batch);
  float total[MICRO][MICRO];
  for (uint i = 0; i < MICRO; ++i)
    for (uint j = 0; j < MICRO; ++j) total[i][j] = 0.0;

  bring_a(a, row, 0, m, k);
  bring_b(b, 0, column, k, n);
  for (uint depth = 0; depth < k; depth += kDepth) {
    put_tiles(a, b);
    barrier();
    bring_a(a, row, depth + kDepth, m, k);
    bring_b(b, depth + kDepth, column, k, n);
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
