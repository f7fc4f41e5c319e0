// The expression text of an elementwise row (engine/ops/elementwise_table.h) as a tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trine::onnx {

struct Formula {
  enum class Kind {
    number,
    variable,  // x, y or z: `variable` 0, 1 or 2
    call,      // `name` on `operands`: a function, an operator ("+", "<="), "negate" or "?:"
  };
  Kind kind = Kind::number;
  float number = 0;
  int variable = 0;
  std::string name;
  std::vector<Formula> operands;
};

// C's grammar as far as rows use it: numbers, x, y, z, calls, + - * /, comparisons and ?:. Throws
// Error, with the text, for anything else.
Formula parse_formula(std::string_view text);

}  // namespace trine::onnx
