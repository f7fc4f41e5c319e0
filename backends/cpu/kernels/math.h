// Scalar functions that compilers vectorize: straight-line arithmetic without calls or branches.
// Included inside the namespace of a level only.
#pragma once

#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

// NaN where either operand is. Where the two do not compare the choice falls on x, as it does in
// the processor's instructions when x is their second operand; what is left, the question whether y
// is NaN, goes away where y is a constant.
inline float max(float x, float y) { return y != y ? y : (y > x ? y : x); }
inline float min(float x, float y) { return y != y ? y : (y < x ? y : x); }
inline float abs(float x) { return __builtin_fabsf(x); }
inline float sqrt(float x) { return __builtin_sqrtf(x); }
inline float floor(float x) { return __builtin_floorf(x); }
inline float log(float x) { return __builtin_logf(x); }
inline float sin(float x) { return __builtin_sinf(x); }
inline float cos(float x) { return __builtin_cosf(x); }
inline float pow(float x, float y) { return __builtin_powf(x, y); }

// 2^n e^r with |r| <= ln 2 / 2 and a polynomial for e^r: within 2 units in the last place.
// The bounds are where both factors of 2^n are 0, and where the product is infinite.
inline float exp(float x) {
  x = min(max(x, -176.0f), 89.0f);
  const float n = __builtin_floorf(x * 1.44269504f + 0.5f);
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n in two factors: n reaches 128, which one exponent field does not hold.
  const int half = static_cast<int>(n) >> 1, rest = static_cast<int>(n) - half;
  const float a = __builtin_bit_cast(float, (half + 127) << 23);
  const float b = __builtin_bit_cast(float, (rest + 127) << 23);
  return p * a * b;
}

// Near 0 the quotient would cancel; there a polynomial stands.
inline float tanh(float x) {
  const float s = x * x;
  const float near =
      x + x * s * (-0.333333333f + s * (0.133333333f + s * (-0.053968254f + s * 0.021869489f)));
  const float far = 1.0f - 2.0f / (exp(2.0f * x) + 1.0f);
  return abs(x) < 0.3f ? near : far;
}

inline float expm1(float x) {
  const float near =
      x * (1.0f + x * (0.5f + x * (0.166666667f + x * (0.0416666667f + x * (0.00833333333f +
                                                                            x * 0.00138888889f)))));
  return abs(x) < 0.35f ? near : exp(x) - 1.0f;
}

// Series near 0; beyond, 1 - erfc by the Chebyshev fit of Press et al., Numerical Recipes, section
// 6.2, whose relative error is below 1.2e-7.
inline float erf(float x) {
  const float a = abs(x), s = x * x;
  const float t = 1.0f / (1.0f + 0.5f * a);
  float p = 0.17087277f;
  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  const float far = 1.0f - t * exp(-s - 1.26551223f + t * p);
  float q = -8.54832717e-4f;
  q = q * s + 5.22397762e-3f;
  q = q * s - 2.68661706e-2f;
  q = q * s + 1.12837917e-1f;
  q = q * s - 3.76126389e-1f;
  q = q * s + 1.12837917f;
  const float r = a < 0.5f ? a * q : far;
  return x < 0.0f ? -r : r;
}

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
