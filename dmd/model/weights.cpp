#include "dmd/model/weights.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/error.h"

namespace dmd {
namespace {

using trine::io::Array;
using trine::io::Extents;
using trine::io::NamedArray;
using trine::io::NamedArrays;
using trine::nn::Parameter;
using trine::nn::ParameterStore;

Extents extents_of(const Parameter& parameter) {
  return {parameter.shape.begin(), parameter.shape.end()};
}

bool is_buffer(std::string_view name) {
  return name == "version" || name.ends_with(".version") || name.ends_with("._float_tensor");
}

void copy_into(std::vector<float>& arena, const Parameter& parameter, const Array& array,
               std::string_view where) {
  if (array.shape() != extents_of(parameter))
    trine::fail("{}: {} has shape {} there and {} in this model: was it trained with another "
                "configuration or other input sizes?",
                where, parameter.name, trine::io::to_string(array.shape()),
                trine::to_string(parameter.shape));
  const std::vector<float> values = array.to_f32();
  std::copy(values.begin(), values.end(), arena.begin() + parameter.offset);
}

}  // namespace

std::vector<float> arena_from(const ParameterStore& store, const NamedArrays& arrays,
                              std::string_view where) {
  std::vector<float> arena(static_cast<std::size_t>(store.arena_size()), 0.0f);
  std::set<const Parameter*> filled;
  for (const NamedArray& entry : arrays) {
    if (is_buffer(entry.name)) continue;
    const Parameter* parameter = store.find(entry.name);
    if (!parameter)
      trine::fail("{}: it holds {} {}, which this model does not have: was it trained with another "
                  "configuration?",
                  where, entry.name, trine::io::to_string(entry.array));
    copy_into(arena, *parameter, entry.array, where);
    filled.insert(parameter);
  }
  for (const Parameter& parameter : store.parameters())
    if (!filled.contains(&parameter))
      trine::fail("{}: it lacks {} {}, which this model needs: was it trained with another "
                  "configuration?",
                  where, parameter.name, trine::to_string(parameter.shape));
  return arena;
}

NamedArrays arrays_from(const ParameterStore& store, const std::vector<float>& arena) {
  NamedArrays arrays;
  for (const Parameter& parameter : store.parameters()) {
    const auto first = arena.begin() + parameter.offset;
    arrays.push_back({parameter.name, Array::from(std::vector<float>(first, first + parameter.size()),
                                                  extents_of(parameter))});
  }
  return arrays;
}

NamedArrays with_prefix(NamedArrays arrays, std::string_view prefix) {
  for (NamedArray& entry : arrays) entry.name = fmt::format("{}{}", prefix, entry.name);
  return arrays;
}

}  // namespace dmd
