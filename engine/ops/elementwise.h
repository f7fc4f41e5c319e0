// Elementwise ops on tensors, with NumPy broadcasting. The ops themselves are the rows of
// elementwise_table.h; this header declares one function a row and the operators.
//
// Operands and results are f32; i32 tensors take part after cast(). Operands of different shapes
// are broadcast to their common shape; Error names both shapes when there is none.
#pragma once

#include <string_view>

#include "engine/graph.h"

namespace trine {

// A row of the table, as every backend sees it.
struct ElementwiseFn {
  std::string_view name;
  int arity = 1;
  std::string_view expression;  // source text over x, y, z
  double (*reference)(double x, double y, double z) = nullptr;
  int index = 0;  // position in the table, for kernel tables
};

// All rows in table order.
std::span<const ElementwiseFn> elementwise_fns();

#define TRINE_UNARY(name, expression, gx, low, high) Tensor name(Tensor x);
#define TRINE_BINARY(name, expression, gx, gy, low, high) \
  Tensor name(Tensor x, Tensor y);                        \
  Tensor name(Tensor x, float y);                         \
  Tensor name(float x, Tensor y);
#define TRINE_TERNARY(name, expression, gx, gy, gz, low, high) \
  Tensor name(Tensor x, Tensor y, Tensor z);                   \
  Tensor name(Tensor x, Tensor y, float z);                    \
  Tensor name(Tensor x, float y, Tensor z);                    \
  Tensor name(Tensor x, float y, float z);
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY

inline Tensor operator-(Tensor x) { return negate(x); }
#define TRINE_OPERATOR(symbol, name)                                       \
  inline Tensor operator symbol(Tensor x, Tensor y) { return name(x, y); } \
  inline Tensor operator symbol(Tensor x, float y) { return name(x, y); }  \
  inline Tensor operator symbol(float x, Tensor y) { return name(x, y); }
TRINE_OPERATOR(+, add)
TRINE_OPERATOR(-, subtract)
TRINE_OPERATOR(*, multiply)
TRINE_OPERATOR(/, divide)
#undef TRINE_OPERATOR

// Converts between f32 and i32; f32 truncates toward zero.
Tensor cast(Tensor x, DType to);

// A tensor of one repeated value.
Tensor fill(Graph& graph, Shape shape, float value);

}  // namespace trine
