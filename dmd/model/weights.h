// Between named arrays, as checkpoints hold them, and an arena of parameters.
#pragma once

#include <string_view>
#include <vector>

#include "engine/io/array.h"
#include "engine/nn/parameters.h"

namespace dmd {

// An arena filled from arrays of the store's names. The buffers that the authors' checkpoints carry
// beside the parameters (NAME.version, NAME._float_tensor) are passed over. Throws trine::Error,
// beginning with `where`, for a parameter that is missing, one of another shape (both are named) and
// an array that the model has no place for.
std::vector<float> arena_from(const trine::nn::ParameterStore& store,
                              const trine::io::NamedArrays& arrays, std::string_view where);

// Every parameter of an arena by name, in the order of the store.
trine::io::NamedArrays arrays_from(const trine::nn::ParameterStore& store,
                                   const std::vector<float>& arena);

// The same arrays, their names behind `prefix`: the authors keep each graph distillation unit in a
// file of its own, and this model calls its parameters homo.NAME and hetero.NAME.
trine::io::NamedArrays with_prefix(trine::io::NamedArrays arrays, std::string_view prefix);

}  // namespace dmd
