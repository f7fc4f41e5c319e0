// The elementwise ops, a row each. No include guard: each reader defines TRINE_UNARY, TRINE_BINARY
// and TRINE_TERNARY for what it needs and includes the table.
//
// expression: over floats x, y, z, in the common subset of C++, GLSL and CUDA C. It may call exp,
//   log, sqrt, tanh, sin, cos, pow, abs, floor, max, min (of two floats), erf and expm1; GLSL lacks
//   the last two and gets them from a prelude. Comparisons give 1 or 0. max and min are NaN where
//   either operand is, in every language; a constant stands second, where it costs nothing more.
// gradients: tensor expressions over the inputs x, y, z, the result r and the cotangent g; `none`
//   where there is none.
// sample range: where inputs of the conformance suite are drawn from.

// A row a line.
// clang-format off

//          name           expression                              gradient                              sample range
TRINE_UNARY(negate,        -x,                                     -g,                                   -2, 2)
TRINE_UNARY(exp,           exp(x),                                 g * r,                                -4, 4)
TRINE_UNARY(log,           log(x),                                 g / x,                                0.1, 4)
TRINE_UNARY(sqrt,          sqrt(x),                                0.5f * g / r,                         0.1, 4)
TRINE_UNARY(rsqrt,         1.0f / sqrt(x),                         -0.5f * g * r * r * r,                0.1, 4)
TRINE_UNARY(reciprocal,    1.0f / x,                               -g * r * r,                           0.2, 4)
TRINE_UNARY(square,        x * x,                                  2.0f * g * x,                         -3, 3)
TRINE_UNARY(tanh,          tanh(min(max(x, -15.0f), 15.0f)),       g * (1.0f - r * r),                   -4, 4)
TRINE_UNARY(sigmoid,       1.0f / (1.0f + exp(-max(x, -80.0f))),   g * r * (1.0f - r),                   -6, 6)
TRINE_UNARY(relu,          max(x, 0.0f),                           g * greater(r, 0.0f),                 -2, 2)
TRINE_UNARY(gelu,          0.5f * x * (1.0f + erf(x * 0.70710678118654752f)), g * gelu_slope(x),         -4, 4)
TRINE_UNARY(gelu_slope,    0.5f * (1.0f + erf(x * 0.70710678118654752f)) + 0.39894228040143268f * x * exp(-0.5f * x * x), g * gelu_curvature(x), -4, 4)
TRINE_UNARY(gelu_curvature, (2.0f - x * x) * 0.39894228040143268f * exp(-0.5f * x * x), none,            -4, 4)
TRINE_UNARY(erf,           erf(x),                                 g * 1.1283791670955126f * exp(-square(x)), -3, 3)
TRINE_UNARY(expm1,         expm1(x),                               g * (r + 1.0f),                       -4, 2)
TRINE_UNARY(sin,           sin(x),                                 g * cos(x),                           -3, 3)
TRINE_UNARY(cos,           cos(x),                                 -g * sin(x),                          -3, 3)
TRINE_UNARY(abs,           abs(x),                                 g * sign(x),                          -2, 2)
TRINE_UNARY(sign,          x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f), none,                            -2, 2)
TRINE_UNARY(floor,         floor(x),                               none,                                 -3, 3)
TRINE_BINARY(add,          x + y,                                  g, g,                                 -2, 2)
TRINE_BINARY(subtract,     x - y,                                  g, -g,                                -2, 2)
TRINE_BINARY(multiply,     x * y,                                  g * y, g * x,                         -2, 2)
TRINE_BINARY(divide,       x / y,                                  g / y, -g * r / y,                    0.3, 3)
TRINE_BINARY(maximum,      max(x, y),                              g * greater_equal(x, y), g * less(x, y), -2, 2)
TRINE_BINARY(minimum,      min(x, y),                              g * less_equal(x, y), g * greater(x, y), -2, 2)
TRINE_BINARY(pow,          pow(x, y),                              g * y * pow(x, y - 1.0f), g * r * log(x), 0.2, 3)
TRINE_BINARY(equal,        x == y ? 1.0f : 0.0f,                   none, none,                           -2, 2)
TRINE_BINARY(not_equal,    x != y ? 1.0f : 0.0f,                   none, none,                           -2, 2)
TRINE_BINARY(less,         x < y ? 1.0f : 0.0f,                    none, none,                           -2, 2)
TRINE_BINARY(less_equal,   x <= y ? 1.0f : 0.0f,                   none, none,                           -2, 2)
TRINE_BINARY(greater,      x > y ? 1.0f : 0.0f,                    none, none,                           -2, 2)
TRINE_BINARY(greater_equal, x >= y ? 1.0f : 0.0f,                  none, none,                           -2, 2)
// select: y where x is not 0, else z. keep: x scaled by 1/(1-z) where the draw y is at least the rate z.
TRINE_TERNARY(select,      x != 0.0f ? y : z,                      none, select(x, g, 0.0f), select(x, 0.0f, g), -2, 2)
TRINE_TERNARY(clamp,       min(max(x, y), z),                      g * greater_equal(x, y) * less_equal(maximum(x, y), z), g * less(x, y) * less_equal(maximum(x, y), z), g * greater(maximum(x, y), z), -2, 2)
TRINE_TERNARY(keep,        y >= z ? x / (1.0f - z) : 0.0f,         select(greater_equal(y, z), g / (1.0f - z), 0.0f), none, g * r / (1.0f - z), 0, 0.9)
