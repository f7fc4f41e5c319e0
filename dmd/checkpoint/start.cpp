#include "dmd/checkpoint/start.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "dmd/checkpoint/checkpoint.h"
#include "engine/error.h"

namespace dmd {
namespace {

using trine::io::Array;
using trine::nn::Parameter;

constexpr std::size_t kNamesShown = 3;

bool fits(const Array& array, const Parameter& parameter) {
  return std::ranges::equal(array.shape(), parameter.shape);
}

void check_finite(const Checkpoint& checkpoint, const std::string& name, const Array& array) {
  for (const float value : array.to_f32())
    if (!std::isfinite(value))
      trine::fail(
          "{}: the parameter '{}' holds {}: the run that wrote it had diverged; take an earlier "
          "checkpoint",
          checkpoint.file.string(), name, value);
}

// "a, b, c and 9 more".
std::string first_names(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

void check_widths(const Checkpoint& checkpoint, const Declaration& declared, const Start& start) {
  if (start.misfits.size() <= start.taken.size()) return;
  const std::string& name = start.misfits.front();
  trine::fail(
      "{}: {} of the {} parameters that it has in common with this model are of another shape, "
      "'{}' "
      "for example, which is {} there and {} here: a run starts from a checkpoint of its own "
      "width, "
      "kernel sizes and data; give it the configuration of that one",
      checkpoint.file.string(), start.misfits.size(), start.misfits.size() + start.taken.size(),
      name, trine::io::to_string(find(checkpoint.arrays, name)->shape()),
      trine::to_string(declared.store.find(name)->shape));
}

}  // namespace

std::string Start::summary(const Checkpoint& from) const {
  std::string text = fmt::format("starts from {}: {} of {} parameters taken", from.file.string(),
                                 taken.size(), taken.size() + missing.size() + misfits.size());
  const auto add = [&](const std::vector<std::string>& names, std::string_view what) {
    if (!names.empty()) text += fmt::format("; {} {}: {}", names.size(), what, first_names(names));
  };
  add(missing, "not in it");
  add(misfits, "of another shape");
  add(unused, "of its own not used");
  return text;
}

void Start::put_into(std::vector<float>& arena, const trine::nn::ParameterStore& store) const {
  for (const trine::io::NamedArray& entry : taken)
    std::ranges::copy(entry.array.to_f32(), arena.begin() + store.find(entry.name)->offset);
}

Start start_from(const Checkpoint& checkpoint, const Declaration& declared) {
  Start start;
  for (const Parameter& parameter : declared.store.parameters()) {
    const Array* array = find(checkpoint.arrays, parameter.name);
    if (!array) {
      start.missing.push_back(parameter.name);
    } else if (!fits(*array, parameter)) {
      start.misfits.push_back(parameter.name);
    } else {
      check_finite(checkpoint, parameter.name, *array);
      start.taken.push_back({parameter.name, *array});
    }
  }
  for (const trine::io::NamedArray& entry : checkpoint.arrays)
    if (!is_training_array(entry.name) && !declared.store.find(entry.name))
      start.unused.push_back(entry.name);
  check_widths(checkpoint, declared, start);
  if (start.taken.empty())
    trine::fail(
        "{} has no parameter of the model {}: a run starts from a checkpoint that shares "
        "some with it",
        checkpoint.file.string(), declared.model->name);
  return start;
}

}  // namespace dmd
