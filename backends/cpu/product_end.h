// What a matrix product does to its elements while it has them in registers: the commonest
// epilogues, recognized so that they cost no pass over the result of their own.
#pragma once

#include <optional>

#include "backends/cpu/task.h"

namespace trine::cpu {

// The epilogue of `member` as an end of the product kernel, at row 0 and column 0 of the result;
// nothing if the kernel does not know it. An end adds up to two matrices or rows, bounds the result
// by constants, and multiplies it by whether a matrix is positive (the gradient of relu), in this
// order.
std::optional<GemmEnd> find_product_end(const BuildContext& build, const Step& step,
                                        const Member& member);

}  // namespace trine::cpu
