#version 450
#extension GL_GOOGLE_include_directive : enable
// One invocation an element of an index space. The body is generated from the step's expression; as
// it stands here the kernel copies words.
//
// Record: 0 elements, 1 rank, 2 extents; from 8 the operands, inputs first: operand and strides (8 words
// each); then the scalars.
#include "common.glsl"

layout(local_size_x = 256) in;

#ifdef BODY
#include "body"  // void compute(uint element)
#else
void compute(uint element) {
  const uint rank = field(1);
  const uint word = load_word(operand(8), locate(element, rank, 2, 10));
  store_word(operand(16), locate(element, rank, 2, 18), word);
}
#endif

void main() {
  select_member();
  const uint elements = field(0);
  for (uint e = gl_GlobalInvocationID.x; e < elements; e += gl_NumWorkGroups.x * 256) compute(e);
}
