#version 450
#extension GL_GOOGLE_include_directive : enable
// Gradient of attention. With P the weights, M the dropout factors and D = rowsum(g out):
// dV = (P M)' g, dS = P (M (g v') - D) scale, dQ = dS k, dK = dS' q. Weights are made again from the
// statistics of the forward pass. Some work groups own rows of queries and walk the keys, the others
// own rows of keys and walk the queries; both do the same arithmetic on exchanged sides, and no two
// groups add to one element.
//
// Record: 0 dq; 2 to 29 as in heads.glsl; 30 dk, 32 dv; 34 out, 36 statistics, 38 g.
#include "common.glsl"
#include "heads.glsl"
#include "math.glsl"

const uint kOut = 34, kStatistics = 36, kG = 38;

// Of the owned side and of the other: q and g of a query, or k and v of a key.
shared float own_first[kRows * kPitch], own_second[kRows * kPitch];
shared float other_first[TILE * kPitch], other_second[TILE * kPitch];
shared float statistics[TILE], dots[TILE];  // of the queries at hand; TILE is at least kRows
shared float dscores[kRows * TILE], dropped[kRows * TILE];

struct Side {
  Head first, second;
  uint steps;
};

Side query_side(uint b, uint h) {
  return Side(strided_head(kQ, b, h), dense_head(kG, b, h, field(kQueries)), field(kQueries));
}
Side key_side(uint b, uint h) {
  return Side(strided_head(kK, b, h), strided_head(kV, b, h), field(kKeys));
}

void load_own(Side side, uint begin) {
  const uint width = field(kWidth);
  for (uint i = gl_LocalInvocationIndex; i < kRows * width; i += kRows * kLanes) {
    const uint r = i / width, c = i % width, step_ = begin + r;
    const bool inside = step_ < side.steps;
    own_first[r * kPitch + c] = inside ? load_float(side.first.at, step_ * side.first.row + c) : 0.0;
    own_second[r * kPitch + c] =
        inside ? load_float(side.second.at, step_ * side.second.row + c) : 0.0;
  }
}

// Keys of the mask become zeros, as they may hold NaN.
void load_other(Side side, uint b, uint begin, bool keys) {
  const uint width = field(kWidth);
  for (uint i = gl_LocalInvocationIndex; i < TILE * width; i += kRows * kLanes) {
    const uint r = i / width, c = i % width, step_ = begin + r;
    const bool inside = step_ < side.steps && !(keys && masked(b, step_));
    other_first[r * kPitch + c] =
        inside ? load_float(side.first.at, step_ * side.first.row + c) : 0.0;
    other_second[r * kPitch + c] =
        inside ? load_float(side.second.at, step_ * side.second.row + c) : 0.0;
  }
}

// Statistics and D of queries begin .. begin + n - 1.
void load_statistics(uint b, uint h, uint begin, uint n) {
  const uint queries = field(kQueries);
  const Head result = dense_head(kOut, b, h, queries), g = dense_head(kG, b, h, queries);
  for (uint i = gl_LocalInvocationIndex; i < n; i += kRows * kLanes) {
    const uint query = begin + i;
    if (query >= queries) continue;
    statistics[i] = load_float(operand(kStatistics), (b * field(kHeads) + h) * queries + query);
    float total = 0.0;
    for (uint c = 0; c < field(kWidth); ++c)
      total += load_float(g.at, query * g.row + c) * load_float(result.at, query * result.row + c);
    dots[i] = total;
  }
}

// dS and P M of one pair, into dscores and dropped. `at` is the query's place in statistics.
void differentiate(uint b, uint h, uint row, uint other, uint query, uint key, uint at) {
  float ds = 0.0, weight = 0.0;
  if (query < field(kQueries) && sees(b, query, key)) {
    float s = 0.0, dp = 0.0;
    for (uint c = 0; c < field(kWidth); ++c) {
      s += own_first[row * kPitch + c] * other_first[other * kPitch + c];
      dp += own_second[row * kPitch + c] * other_second[other * kPitch + c];
    }
    const float p = exp(s * float_field(7) - statistics[at]);
    const float factor = kept(b, h, query, key);
    weight = p * factor;
    ds = p * (factor * dp - dots[at]) * float_field(7);
  }
  dscores[row * TILE + other] = ds;
  dropped[row * TILE + other] = weight;
}

// Steps of the other side that rows begin .. begin + kRows - 1 can see or be seen by.
uvec2 other_range(bool own_keys, uint begin, uint steps) {
  if (!own_keys) return uvec2(0, visible_keys(begin + kRows - 1));
  const int first = field(8) == 0 ? 0 : int(begin) - int(field(9)) + 1;
  return uvec2(uint(clamp(first, 0, int(steps))), steps);
}

// Of them, those that row `own` can see or be seen by. The others take no part: they may hold NaN.
uvec2 other_seen(bool own_keys, uint b, uint own, uint steps) {
  if (!own_keys) return uvec2(0, visible_keys(own));
  if (own >= field(kKeys) || masked(b, own)) return uvec2(0, 0);
  return other_range(true, own, steps);
}

void differentiate_rows(bool own_keys, uint b, uint h, uint begin) {
  const uint lane = gl_LocalInvocationID.x, row = gl_LocalInvocationID.y, width = field(kWidth);
  Side own = query_side(b, h), other = key_side(b, h);
  if (own_keys) {
    const Side queries = own;
    own = other;
    other = queries;
  }
  float first_sum[kColumns], second_sum[kColumns];
  for (uint c = 0; c < kColumns; ++c) first_sum[c] = second_sum[c] = 0.0;

  load_own(own, begin);
  if (!own_keys) load_statistics(b, h, begin, kRows);
  const uvec2 range = other_range(own_keys, begin, other.steps);
  const uvec2 seen = other_seen(own_keys, b, begin + row, other.steps);
  for (uint from = range.x; from < range.y; from += TILE) {
    load_other(other, b, from, !own_keys);
    if (own_keys) load_statistics(b, h, from, TILE);
    barrier();
    for (uint j = lane; j < TILE; j += kLanes) {
      if (own_keys)
        differentiate(b, h, row, j, from + j, begin + row, j);
      else
        differentiate(b, h, row, j, begin + row, from + j, row);
    }
    barrier();
    for (uint c = 0; c < kColumns; ++c) {
      const uint column = lane + c * kLanes;
      if (column >= width) continue;
      for (uint j = from < seen.x ? seen.x - from : 0; j < TILE && from + j < seen.y; ++j) {
        first_sum[c] += dscores[row * TILE + j] * other_first[j * kPitch + column];
        if (own_keys) second_sum[c] += dropped[row * TILE + j] * other_second[j * kPitch + column];
      }
    }
    barrier();
  }

  if (begin + row < own.steps) {
    const Head first = dense_head(own_keys ? 30 : 0, b, h, own.steps);
    const Head second = dense_head(32, b, h, own.steps);
    for (uint c = 0; c < kColumns; ++c) {
      const uint column = lane + c * kLanes;
      if (column >= width) continue;
      store_float(first.at, (begin + row) * first.row + column, first_sum[c]);
      if (own_keys) store_float(second.at, (begin + row) * second.row + column, second_sum[c]);
    }
  }
}

void main() {
  select_member();
  const uint heads = field(kHeads), groups = field(kBatch) * heads;
  const uint query_blocks = (field(kQueries) + kRows - 1) / kRows;
  const uint key_blocks = (field(kKeys) + kRows - 1) / kRows;
  const uint blocks = query_blocks + key_blocks;
  for (uint t = gl_WorkGroupID.x; t < groups * blocks; t += gl_NumWorkGroups.x) {
    const uint group = t / blocks, block = t % blocks;
    const bool own_keys = block >= query_blocks;
    const uint begin = (own_keys ? block - query_blocks : block) * kRows;
    differentiate_rows(own_keys, group / heads, group % heads, begin);
    barrier();
  }
}
