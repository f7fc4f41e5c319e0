// The functions of the elementwise table that GLSL lacks, or leaves undefined or inaccurate where the
// table's expressions need them. NaN passes through all of them.

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

// GLSL leaves pow undefined for x <= 0.
float guarded_pow(float x, float y) {
  if (y == 0.0) return 1.0;
  if (is_nan(x) || is_nan(y)) return x + y;
  if (x == 0.0) return y > 0.0 ? 0.0 : 1.0 / 0.0;
  const float size = pow(abs(x), y);
  if (x > 0.0) return size;
  const bool whole = floor(y) == y;
  if (!whole && x >= -3.402823466e38) return 0.0 / 0.0;
  return whole && floor(y * 0.5) * 2.0 != y ? -size : size;
}

// Drivers promise accuracy only within [-pi, pi]. 2 pi is subtracted in two parts, the first of
// which has so few bits that its product with a small integer is exact.
float reduce_angle(float x) {
  const float turns = floor(x * 0.15915494 + 0.5);
  return (x - turns * 6.28125) - turns * 1.93530718e-3;
}
float guarded_sin(float x) { return sin(reduce_angle(x)); }
float guarded_cos(float x) { return cos(reduce_angle(x)); }

#define max guarded_max
#define min guarded_min
#define exp guarded_exp
#define tanh guarded_tanh
#define pow guarded_pow
#define sin guarded_sin
#define cos guarded_cos
