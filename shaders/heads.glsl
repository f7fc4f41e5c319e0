// What attention and its gradient share: where heads lie, which keys a query sees, and dropout of
// the weights.
//
// Record from word 2: batch, heads, queries, keys, width; 7 scale; 8 whether causal, 9 keys that query 0
// sees (signed); 10 dropout rate, 11 its op id; 12 whether keys are masked, 13 the mask; q, k, v from
// 15, 20, 25: operand and the strides of batch, step and head. Elements of a head are contiguous.
#include "philox.glsl"

const uint kBatch = 2, kHeads = 3, kQueries = 4, kKeys = 5, kWidth = 6;
const uint kQ = 15, kK = 20, kV = 25;

// A work group treats kRows rows of one head, kLanes invocations a row.
const uint kRows = 8, kLanes = 16;
layout(local_size_x = kLanes, local_size_y = kRows) in;
layout(constant_id = 0) const uint WIDTH = 64;  // at least the width of every member's heads
layout(constant_id = 1) const uint TILE = 32;   // steps of the other side held at a time
const uint kPitch = WIDTH + 1;                  // keeps steps of a tile on different banks
const uint kColumns = (WIDTH + kLanes - 1) / kLanes;  // of a row that one lane owns

struct Head {
  Operand at;
  uint row;  // stride from step to step
};

Head strided_head(uint first, uint b, uint h) {
  Operand o = operand(first);
  o.offset += b * field(first + 2) + h * field(first + 4);
  return Head(o, field(first + 3));
}

// A head of a dense (batch, steps, heads, width) operand.
Head dense_head(uint first, uint b, uint h, uint steps) {
  Operand o = operand(first);
  o.offset += (b * steps * field(kHeads) + h) * field(kWidth);
  return Head(o, field(kHeads) * field(kWidth));
}

// Keys that come before this one are all that the query sees, apart from the mask.
uint visible_keys(uint query) {
  const uint keys = field(kKeys);
  return field(8) == 0 ? keys : uint(clamp(int(query) + int(field(9)), 0, int(keys)));
}

bool masked(uint b, uint key) {
  return field(12) != 0 && load_float(operand(13), b * field(kKeys) + key) == 0.0;
}

bool sees(uint b, uint query, uint key) { return key < visible_keys(query) && !masked(b, key); }

// What dropout multiplies the weight by.
float kept(uint b, uint h, uint query, uint key) {
  const float rate = float_field(10);
  if (rate == 0.0) return 1.0;
  // Each row of the mask begins with a whole block of four draws.
  const uint row = (b * field(kHeads) + h) * field(kQueries) + query;
  const uint element = row * ((field(kKeys) + 3) / 4 * 4) + key;
  return random_uniform(field(11), element) >= rate ? 1.0 / (1.0 - rate) : 0.0;
}
