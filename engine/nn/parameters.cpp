#include "engine/nn/parameters.h"

#include <cmath>

#include "engine/error.h"
#include "engine/ops/state.h"
#include "engine/philox.h"

namespace trine::nn {
namespace {

// 64 bytes: a cache line, and the widest vector a kernel loads.
constexpr std::int64_t kAlignment = 16;

// FNV-1a, 64 bits: the same on every platform, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

// Box and Muller 1958: two uniform draws, the first moved off 0, make two independent normal ones.
float to_normal(const PhiloxBlock& block, std::uint64_t k) {
  const std::uint64_t first = k / 2 * 2;
  const float radius = std::sqrt(-2.0f * std::log(1.0f - to_uniform(block[first])));
  const float angle = 6.28318530717958648f * to_uniform(block[first + 1]);
  return radius * (k % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

void draw(const Parameter& parameter, std::uint64_t seed, float* values) {
  const std::uint64_t hash = hash_of(parameter.name);
  const auto low_half = static_cast<std::uint32_t>(hash);
  const auto high_half = static_cast<std::uint32_t>(hash >> 32);
  const auto [low, high, normal] = parameter.init;
  const auto size = static_cast<std::uint64_t>(parameter.size());
  for (std::uint64_t i = 0; i < size; i += 4) {
    const PhiloxBlock block = random_block(seed, low_half, high_half, i / 4);
    for (std::uint64_t k = 0; k < 4 && i + k < size; ++k)
      values[i + k] = low + (high - low) * (normal ? to_normal(block, k) : to_uniform(block[k]));
  }
}

}  // namespace

Init xavier_uniform(std::int64_t fan_in, std::int64_t fan_out) {
  const auto bound = static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
  return {-bound, bound};
}

Init fan_in_uniform(std::int64_t fan_in) {
  const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(fan_in)));
  return {-bound, bound};
}

const Parameter& ParameterStore::declare(std::string_view name, const Shape& shape, Init init) {
  if (const Parameter* known = find(name)) {
    if (known->shape != shape)
      fail(
          "the parameter '{}' has shape {} in this store and is now wanted with {}: capture "
          "models of different sizes into stores of their own",
          name, to_string(known->shape), to_string(shape));
    return *known;
  }
  parameters_.push_back({std::string(name), shape, arena_size_, init});
  const Parameter& added = parameters_.back();
  by_name_.emplace(added.name, &added);
  arena_size_ += (added.size() + kAlignment - 1) / kAlignment * kAlignment;
  return added;
}

const Parameter* ParameterStore::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::int64_t ParameterStore::number_of_values() const {
  std::int64_t number = 0;
  for (const Parameter& parameter : parameters_) number += parameter.size();
  return number;
}

std::vector<float> ParameterStore::initial_values(
    std::uint64_t seed, const std::function<bool(const Parameter&)>& wanted) const {
  std::vector<float> arena(static_cast<std::size_t>(arena_size_), 0.0f);
  for (const Parameter& parameter : parameters_)
    if (!wanted || wanted(parameter)) draw(parameter, seed, arena.data() + parameter.offset);
  return arena;
}

Tensor window(Graph& graph, const char* arena, const Parameter& parameter) {
  return state(graph, arena, parameter.offset, parameter.shape);
}

Tensor whole(Graph& graph, const char* arena, const ParameterStore& store) {
  return state(graph, arena, 0, {store.arena_size()});
}

}  // namespace trine::nn
