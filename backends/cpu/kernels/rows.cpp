// One loop for each row of the elementwise table. Results may replace an operand in place, element
// by element, which is no obstacle to vectors; the pragma says so.
#include "backends/cpu/kernels/math.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

#define TRINE_UNARY(name, expression, ...)                                                   \
  void name##_row(float* out, const float* xs, const float*, const float*, std::int64_t n) { \
    _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                              \
      const float x = xs[i];                                                                 \
      out[i] = expression;                                                                   \
    }                                                                                        \
  }
#define TRINE_BINARY(name, expression, ...)                                                     \
  void name##_row(float* out, const float* xs, const float* ys, const float*, std::int64_t n) { \
    _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                                 \
      const float x = xs[i], y = ys[i];                                                         \
      out[i] = expression;                                                                      \
    }                                                                                           \
  }
#define TRINE_TERNARY(name, expression, ...)                                                       \
  void name##_row(float* out, const float* xs, const float* ys, const float* zs, std::int64_t n) { \
    _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                                    \
      const float x = xs[i], y = ys[i], z = zs[i];                                                 \
      out[i] = expression;                                                                         \
    }                                                                                              \
  }
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

}  // namespace

#define TRINE_UNARY(name, ...) name##_row,
#define TRINE_BINARY(name, ...) name##_row,
#define TRINE_TERNARY(name, ...) name##_row,
const RowKernel kRows[] = {
#include "engine/ops/elementwise_table.h"
};
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
