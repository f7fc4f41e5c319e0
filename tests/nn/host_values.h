// Values for programs that tests run with evaluate(): in double, on the host.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "engine/evaluate.h"
#include "engine/nn/parameters.h"

namespace trine {

// Any numbers of about one, the same in every run.
inline HostTensor wavy(const Shape& shape, double phase) {
  HostTensor tensor({DType::f32, shape});
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    tensor[i] = std::sin(1.7 * static_cast<double>(i) + phase);
  return tensor;
}

inline std::vector<double> in_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

// Bindings with initial parameters, the same for the same store.
inline Bindings bindings_for(const nn::ParameterStore& store, std::uint64_t seed = 1) {
  Bindings bindings;
  bindings.states[nn::kParameters] = in_double(store.initial_values(seed));
  return bindings;
}

// A parameter's values in an arena.
inline std::vector<double> values_of(const nn::ParameterStore& store, const Bindings& bindings,
                                     const std::string& arena, const std::string& name) {
  const nn::Parameter& parameter = *store.find(name);
  const auto first = bindings.states.at(arena).begin() + parameter.offset;
  return {first, first + parameter.size()};
}

}  // namespace trine
