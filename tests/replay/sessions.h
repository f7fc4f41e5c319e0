// Sessions as replay tests use them: on the devices that need no hardware, with and without passes.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/nn/parameters.h"
#include "engine/ops/state.h"
#include "engine/optim/adam.h"

namespace trine {

struct Place {
  const char* device;
  const char* passes;

  friend void PrintTo(const Place& place, std::ostream* stream) {
    *stream << place.device << "_" << place.passes;
  }
};

inline constexpr Place kPlaces[] = {
    {"reference", "all"}, {"reference", "none"}, {"cpu", "all"}, {"cpu", "none"}};

// Memory is checked: what reads a value that nothing wrote computes NaN.
inline Session open(const Place& place, int threads = 2) {
  return Session(open_device(place.device, {.threads = threads}), PassOptions::parse(place.passes),
                 {.check_memory = true});
}

inline std::vector<float> floats(std::initializer_list<float> values) { return values; }

inline void create_arenas(Session& session, const nn::ParameterStore& store) {
  for (const char* arena : {nn::kParameters, nn::kGradients, optim::kAdamMean, optim::kAdamSquare})
    session.create_state(arena, store.arena_size());
}

}  // namespace trine
