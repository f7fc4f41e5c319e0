// What a checkpoint holds of an arena, in memory.
#pragma once

#include <string_view>
#include <vector>

#include "dmd/checkpoint/checkpoint.h"

namespace dmd {

inline trine::io::NamedArrays arrays_of(const trine::nn::ParameterStore& store,
                                        std::string_view prefix, const std::vector<float>& arena) {
  trine::io::ArraySources sources;
  append_arena(sources, store, prefix, [&](std::int64_t offset, std::int64_t n) {
    return std::vector<float>(arena.begin() + offset, arena.begin() + offset + n);
  });
  trine::io::NamedArrays arrays;
  for (const trine::io::ArraySource& source : sources)
    arrays.push_back({source.name, source.make()});
  return arrays;
}

}  // namespace dmd
