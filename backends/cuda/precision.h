// What matrix products round their operands to. Sums are f32 in both.
#pragma once

#include <string_view>

namespace trine::cuda {

enum class Precision { f32, tf32 };

// Of "f32" or "tf32"; Error for anything else.
Precision parse_precision(std::string_view text);

}  // namespace trine::cuda
