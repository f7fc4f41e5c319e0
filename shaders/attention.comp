#version 450
#extension GL_GOOGLE_include_directive : enable
// Scaled dot-product attention, one pass over the keys in tiles with a running maximum and sum
// (Milakov and Gimelshein 2018; Dao et al. 2022), so that no row of weights is ever stored.
//
// Record: 0 output; 2 to 29 as in heads.glsl; 30 statistics, log(sum exp(score)) of each row, or 0 for
// a row that sees nothing.
#include "common.glsl"
#include "heads.glsl"
#include "math.glsl"

shared float query_rows[kRows * kPitch];
shared float key_tile[TILE * kPitch];
shared float value_tile[TILE * kPitch];
shared float weights[kRows * TILE];
shared float dropped[kRows * TILE];  // weights after dropout

const float kHidden = -3.0e38;

void load_queries(Head q, uint first) {
  const uint width = field(kWidth), queries = field(kQueries);
  for (uint i = gl_LocalInvocationIndex; i < kRows * width; i += kRows * kLanes) {
    const uint r = i / width, c = i % width;
    query_rows[r * kPitch + c] =
        first + r < queries ? load_float(q.at, (first + r) * q.row + c) * float_field(7) : 0.0;
  }
}

// Hidden keys hold anything, so that those of the mask become zeros here.
void load_keys(uint b, Head k, Head v, uint first) {
  const uint width = field(kWidth), keys = field(kKeys);
  for (uint i = gl_LocalInvocationIndex; i < TILE * width; i += kRows * kLanes) {
    const uint r = i / width, c = i % width;
    const bool inside = first + r < keys && !masked(b, first + r);
    key_tile[r * kPitch + c] = inside ? load_float(k.at, (first + r) * k.row + c) : 0.0;
    value_tile[r * kPitch + c] = inside ? load_float(v.at, (first + r) * v.row + c) : 0.0;
  }
}

float score(uint row, uint key) {
  float total = 0.0;
  for (uint c = 0; c < field(kWidth); ++c)
    total += query_rows[row * kPitch + c] * key_tile[key * kPitch + c];
  return total;
}

// A total of 0 is that of a row that sees nothing.
void store_row(uint b, uint h, uint query, float columns[kColumns], float total, float largest) {
  const uint queries = field(kQueries), lane = gl_LocalInvocationID.x;
  if (query < queries) {
    const Head result = dense_head(0, b, h, queries);
    for (uint c = 0; c < kColumns; ++c) {
      const uint column = lane + c * kLanes;
      if (column < field(kWidth))
        store_float(result.at, query * result.row + column, total == 0.0 ? 0.0 : columns[c] / total);
    }
    if (lane == 0)
      store_float(operand(30), (b * field(kHeads) + h) * queries + query,
                  total == 0.0 ? 0.0 : largest + log(total));
  }
}

void attend(uint b, uint h, uint first_row) {
  const uint lane = gl_LocalInvocationID.x, row = gl_LocalInvocationID.y;
  const uint width = field(kWidth), query = first_row + row;
  const Head q = strided_head(kQ, b, h), k = strided_head(kK, b, h), v = strided_head(kV, b, h);
  float columns[kColumns];
  for (uint c = 0; c < kColumns; ++c) columns[c] = 0.0;
  float largest = kHidden, total = 0.0;
  bool any = false;
  const uint visible = visible_keys(query);

  load_queries(q, first_row);
  const uint end = visible_keys(first_row + kRows - 1);
  for (uint first = 0; first < end; first += TILE) {
    load_keys(b, k, v, first);
    barrier();
    for (uint j = lane; j < TILE; j += kLanes)
      weights[row * TILE + j] = sees(b, query, first + j) ? score(row, j) : kHidden;
    barrier();
    float next = largest;
    for (uint j = 0; j < TILE; ++j) {
      next = max(next, weights[row * TILE + j]);
      any = any || weights[row * TILE + j] != kHidden;
    }
    barrier();
    for (uint j = lane; j < TILE; j += kLanes) {
      const float s = weights[row * TILE + j];
      const float weight = s == kHidden ? 0.0 : exp(s - next);
      weights[row * TILE + j] = weight;
      dropped[row * TILE + j] = weight == 0.0 ? 0.0 : weight * kept(b, h, query, first + j);
    }
    barrier();
    const float shrink = exp(largest - next);
    total *= shrink;
    for (uint j = 0; j < TILE; ++j) total += weights[row * TILE + j];
    for (uint c = 0; c < kColumns; ++c) {
      float sum = columns[c] * shrink;
      const uint column = lane + c * kLanes;
      if (column < width)
        for (uint j = 0; j < TILE && first + j < visible; ++j)
          sum += dropped[row * TILE + j] * value_tile[j * kPitch + column];
      columns[c] = sum;
    }
    largest = next;
    barrier();
  }

  // Scores that are all -infinity add up to 0, and their weights are NaN.
  if (any && total == 0.0) total = 0.0 / 0.0;
  store_row(b, h, query, columns, total, largest);
}

void main() {
  select_member();
  const uint heads = field(kHeads), blocks = (field(kQueries) + kRows - 1) / kRows;
  for (uint t = gl_WorkGroupID.x; t < field(kBatch) * heads * blocks; t += gl_NumWorkGroups.x) {
    attend(t / blocks / heads, t / blocks % heads, t % blocks * kRows);
    barrier();
  }
}
