// GLSL of the expressions of a plan, for the places that the kernels of shaders/ leave open.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/plan.h"

namespace trine::vulkan {

// An index space in a record: extents of six dimensions at word `extents`, then operands of eight
// words each, that is the operand's address and its strides. Text looks only at the last `rank`
// dimensions.
struct SpaceText {
  int extents = 0;
  int operands = 0;
  int rank = 0;
};

// Names that expressions use: the functions of the table's rows that occur, and the scalars, which
// begin at word `scalars` of the record. Stands before the first part that uses them.
std::string print_support(std::span<const Expression* const> expressions, int scalars);

// "void NAME(uint element, float r0)" without r0 where `given` is 0: evaluates the expression,
// whose first `given` registers are parameters, at an element of the space and stores its outputs.
// Operands of the space are the remaining inputs, then the outputs; types likewise.
std::string print_store(std::string_view name, const Expression& expression, int given,
                        const SpaceText& space, std::span<const DType> inputs,
                        std::span<const DType> outputs);

// The two index spaces of a reduction in a record: six extents each, then operands of fourteen
// words: address, six strides of the kept dimensions, six of the reduced ones.
struct ReducedText {
  int kept_extents = 0, reduced_extents = 0, operands = 0;
  int kept_rank = 0, reduced_rank = 0;
};

// "float element_at(uint result, uint reduced)": the expression at one element of the reduced
// space. Where it draws random numbers, one operand more than it has inputs gives the element's
// number in place of an address.
std::string print_element(const Expression& expression, const ReducedText& spaces,
                          std::span<const DType> inputs);

}  // namespace trine::vulkan
