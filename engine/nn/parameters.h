// Named parameters and where they live: every parameter is a window into one flat arena of f32, so
// that the optimizer, saving and loading each handle a single buffer. The gradients and the
// moments of the optimizer lie in arenas of the same layout.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/graph.h"

namespace trine::nn {

// Names of the state arenas, for state(), Session::create_state() and files.
inline constexpr const char* kParameters = "parameters";
inline constexpr const char* kGradients = "gradients";

// How initial values are drawn: uniform in [low, high), or `low` itself where both are equal; a
// normal one has the mean `low` and the standard deviation high - low.
struct Init {
  float low = 0.0f, high = 0.0f;
  bool normal = false;

  friend bool operator==(const Init&, const Init&) = default;
};

inline constexpr Init kZeros{0.0f, 0.0f};
inline constexpr Init kOnes{1.0f, 1.0f};
inline constexpr Init kStandardNormal{0.0f, 1.0f, true};
// Uniform within sqrt(6 / (fan_in + fan_out)) of zero (Glorot and Bengio 2010).
Init xavier_uniform(std::int64_t fan_in, std::int64_t fan_out);
// Uniform within 1 / sqrt(fan_in) of zero: what PyTorch gives linear and convolution layers.
Init fan_in_uniform(std::int64_t fan_in);

struct Parameter {
  std::string name;
  Shape shape;
  std::int64_t offset = 0;  // elements from the start of the arena
  Init init;

  std::int64_t size() const { return count(shape); }
};

// Parameters in the order in which a model first declared them. The same model captured again, for
// another batch size or for evaluation, finds its own by name.
class ParameterStore {
 public:
  ParameterStore() = default;
  ParameterStore(ParameterStore&&) = default;
  ParameterStore& operator=(ParameterStore&&) = default;

  // The parameter of this name, made if there is none. Throws Error, with both shapes, if it exists
  // with another shape. The reference stays valid as long as the store.
  const Parameter& declare(std::string_view name, const Shape& shape, Init init);

  // nullptr where absent.
  const Parameter* find(std::string_view name) const;
  const std::deque<Parameter>& parameters() const { return parameters_; }

  // Elements of an arena. Parameters begin at multiples of 16; the elements between them are zero
  // and stay zero under every optimizer here.
  std::int64_t arena_size() const { return arena_size_; }

  // Elements of all parameters, without what lies between them.
  std::int64_t number_of_values() const;

  // A whole arena of initial values. Each parameter's draws depend on the seed and its name alone,
  // so that a model with a part left out starts the other parts alike. Parameters that are not
  // wanted are zero.
  std::vector<float> initial_values(std::uint64_t seed,
                                    const std::function<bool(const Parameter&)>& wanted = {}) const;

 private:
  std::deque<Parameter> parameters_;  // a deque: references outlive growth
  std::unordered_map<std::string, const Parameter*> by_name_;
  std::int64_t arena_size_ = 0;
};

// A parameter's window into one of the arenas.
Tensor window(Graph& graph, const char* arena, const Parameter& parameter);

// An arena as one flat tensor.
Tensor whole(Graph& graph, const char* arena, const ParameterStore& store);

}  // namespace trine::nn
