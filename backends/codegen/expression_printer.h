// Text of elementwise expressions in the common subset of C++, GLSL and CUDA C: what the GPU
// backends insert into their kernels.
//
// The text counts on these names where it is inserted:
//   scalar_float(slot)  scalar `slot` of the member as a float
//   random_draw(slot)   a uniform draw in [0, 1) for the current element; the op id is the bits of
//                       scalar `slot`
//   r0, r1, ...         float variables with the inputs' values, declared before
// and on the functions that the elementwise table may call (exp, log, erf, ...).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/expression.h"

namespace trine {

// What differs between the languages.
struct Dialect {
  std::string_view
      function_prefix;  // before each function: "" in GLSL, "__device__ inline " in CUDA
};

// A function `row_NAME` for each row of the elementwise table that the expressions apply, once
// each, in table order.
std::string print_row_functions(std::span<const Expression* const> expressions,
                                const Dialect& dialect);

// A declaration a line for each instruction: "float r2 = row_multiply(r0, r1);".
std::string print_instructions(const Expression& expression, std::string_view indent);

// Whether some instruction draws random numbers.
bool draws_random(const Expression& expression);

}  // namespace trine
