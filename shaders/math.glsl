// The functions of the elementwise table that GLSL lacks, or leaves undefined or inaccurate where the
// table's expressions need them. NaN passes through all of them.

#include "trig.glsl"

// By bits, since drivers may take it that no float is NaN unless the device can be told otherwise
// (shaderSignedZeroInfNanPreserveFloat32), which not every one can: comparisons may be turned round
// and isnan() may be folded away, and max and min are undefined for NaN.
bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }

// NaN where either operand is. Where y is a constant its part folds away.
float guarded_max(float x, float y) { return is_nan(x) ? x : (is_nan(y) ? y : max(x, y)); }
float guarded_min(float x, float y) { return is_nan(x) ? x : (is_nan(y) ? y : min(x, y)); }

// Drivers may return anything beyond the range of floats.
float guarded_exp(float x) {
  if (is_nan(x)) return x;
  if (x > 88.72283) return uintBitsToFloat(0x7f800000u);
  return x < -87.33654 ? 0.0 : exp(x);
}

// Vulkan lets log be wrong by 2^-21 around 1, where its value vanishes, and drivers may return a
// number for NaN. With x = 2^k (1 + f) and s = f / (2 + f), log(1 + f) = 2 atanh(s), a series in s^2.
float guarded_log(float x) {
  const uint bits = floatBitsToUint(x);
  if ((bits & 0x7fffffffu) == 0u) return -1.0 / 0.0;
  if (bits > 0x7f800000u) return is_nan(x) ? x : 0.0 / 0.0;
  if (bits == 0x7f800000u) return x;
  // A subnormal number, which arithmetic may take for 0, is its bits times 2^-149.
  const bool normal = bits >= 0x00800000u;
  const uint scaled = normal ? bits : floatBitsToUint(float(bits));
  const int k = int(scaled - 0x3f3504f3u) >> 23;  // 1 + f is from sqrt(1/2) to sqrt(2)
  const float f = uintBitsToFloat(scaled - uint(k << 23)) - 1.0;
  const float s = f / (2.0 + f), z = s * s;
  const float r = z * (0.66666667 + z * (0.4 + z * (0.28571429 + z * 0.22222222)));
  // log(2) in two parts, of which the first has so few bits that its product with k is exact.
  const float n = float(normal ? k : k - 149);
  return n * 0.693359375 + (f - s * (f - r) - n * 2.12194440e-4);
}

// Near 0 the quotient would cancel; there a polynomial stands.
float guarded_tanh(float x) {
  const float s = x * x;
  const float near =
      x + x * s * (-0.333333333 + s * (0.133333333 + s * (-0.053968254 + s * 0.021869489)));
  const float far = 1.0 - 2.0 / (guarded_exp(2.0 * x) + 1.0);
  return abs(x) < 0.3 ? near : far;
}

float expm1(float x) {
  const float near = x * (1.0 + x * (0.5 + x * (0.166666667 + x * (0.0416666667 +
                     x * (0.00833333333 + x * 0.00138888889)))));
  return abs(x) < 0.35 ? near : guarded_exp(x) - 1.0;
}

// Series near 0; beyond, 1 - erfc by the Chebyshev fit of Press et al., Numerical Recipes, section
// 6.2, whose relative error is below 1.2e-7.
float erf(float x) {
  const float a = abs(x), s = x * x;
  const float t = 1.0 / (1.0 + 0.5 * a);
  float p = 0.17087277;
  p = p * t - 0.82215223;
  p = p * t + 1.48851587;
  p = p * t - 1.13520398;
  p = p * t + 0.27886807;
  p = p * t - 0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  const float far = 1.0 - t * guarded_exp(-s - 1.26551223 + t * p);
  float q = -8.54832717e-4;
  q = q * s + 5.22397762e-3;
  q = q * s - 2.68661706e-2;
  q = q * s + 1.12837917e-1;
  q = q * s - 3.76126389e-1;
  q = q * s + 1.12837917;
  const float r = a < 0.5 ? a * q : far;
  return x < 0.0 ? -r : r;
}

// GLSL leaves pow undefined for x <= 0, and its accuracy is that of log.
float guarded_pow(float x, float y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (is_nan(x) || is_nan(y)) return x + y;
  if (x == 0.0) return y > 0.0 ? 0.0 : 1.0 / 0.0;
  const float size = guarded_exp(y * guarded_log(abs(x)));
  if (x > 0.0) return size;
  const bool whole = floor(y) == y;
  if (!whole && x >= -3.402823466e38) return 0.0 / 0.0;
  return whole && floor(y * 0.5) * 2.0 != y ? -size : size;
}

#define max guarded_max
#define min guarded_min
#define exp guarded_exp
#define log guarded_log
#define tanh guarded_tanh
#define pow guarded_pow
#define sin guarded_sin
#define cos guarded_cos
