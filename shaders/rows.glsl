// Work groups that treat rows: `lanes` neighbouring invocations (a power of two, the same for all
// rows of a member) share a row, 256 / lanes rows share a work group.

#include "math.glsl"

const uint kInvocations = 256;
layout(local_size_x = 256) in;

shared float partial[kInvocations];

// Sum over the lanes of a row, in a fixed order; every lane gets it. All invocations must call.
float sum_of_row(float value, uint lane, uint lanes) {
  const uint i = gl_LocalInvocationID.x;
  partial[i] = value;
  barrier();
  for (uint half_ = lanes / 2; half_ > 0; half_ /= 2) {
    if (lane < half_) partial[i] += partial[i + half_];
    barrier();
  }
  const float total = partial[i - lane];
  barrier();
  return total;
}

float max_of_row(float value, uint lane, uint lanes) {
  const uint i = gl_LocalInvocationID.x;
  partial[i] = value;
  barrier();
  for (uint half_ = lanes / 2; half_ > 0; half_ /= 2) {
    if (lane < half_) partial[i] = max(partial[i], partial[i + half_]);
    barrier();
  }
  const float largest = partial[i - lane];
  barrier();
  return largest;
}
