#include "dmd/data/classes.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>

#include <fmt/ranges.h>

#include "dmd/data/feature_checks.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using Names = std::vector<std::string>;

std::optional<std::int64_t> number_in(const std::string& name) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string listed(const Names& names) {
  return trine::io::printable(fmt::format("{}", fmt::join(names, ", ")), 400);
}

bool holds(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::int64_t count_of(const Split& split, const std::string& name) {
  return std::ranges::count(split.classes, name);
}

void check_training(const Names& classes, const Dataset& data) {
  if (classes.size() < 2)
    trine::fail(
        "{}: every utterance of train is of the class '{}', and a classification needs at least "
        "two",
        data.source, trine::io::printable(classes.empty() ? "" : classes.front()));
  for (const std::string& name : classes)
    if (count_of(data.train, name) == 0)
      trine::fail("{}: no utterance of train is of the class '{}', and the classes are {}",
                  data.source, trine::io::printable(name), listed(classes));
}

// A class that is not trained would never be predicted.
void check_others(const Names& classes, const Dataset& data) {
  for (const char* split : kSplitNames)
    for (const std::string& name : classes_of(data.split(split)))
      if (!holds(classes, name))
        trine::fail(
            "{}: the class '{}' is in {} ({} utterances) and is none of those that are trained, "
            "{}: leave these utterances out, or split the data anew",
            data.source, trine::io::printable(name), split, count_of(data.split(split), name),
            listed(classes));
}

}  // namespace

Names classes_of(const Split& split) {
  std::set<std::string> names(split.classes.begin(), split.classes.end());
  names.erase("");
  Names sorted(names.begin(), names.end());
  if (std::ranges::all_of(sorted, [](const auto& name) { return number_in(name).has_value(); }))
    std::ranges::stable_sort(sorted, {}, [](const auto& name) { return *number_in(name); });
  return sorted;
}

Config with_classes(Config config, const Dataset& data) {
  if (config.task != Task::classification) return config;
  if (config.classes.empty()) config.classes = classes_of(data.train);
  check_training(config.classes, data);
  check_others(config.classes, data);
  return config;
}

void number_classes(Split& split, const Config& config) {
  if (config.task != Task::classification) return;
  for (std::size_t i = 0; i < split.classes.size(); ++i) {
    const auto found = std::ranges::find(config.classes, split.classes[i]);
    split.labels[i] = found == config.classes.end()
                          ? std::numeric_limits<float>::quiet_NaN()
                          : static_cast<float>(found - config.classes.begin());
  }
}

void number_classes(Dataset& data, const Config& config) {
  for (const char* split : kSplitNames) number_classes(data.split(split), config);
}

void check_classes(const Split& split, const Config& config, const std::string& where) {
  if (config.task != Task::classification) return;
  for (const std::string& name : classes_of(split))
    if (!holds(config.classes, name))
      trine::fail(
          "{} has the class '{}' ({} utterances), and the model's classes are {}: score it on data "
          "with its classes",
          where, trine::io::printable(name), count_of(split, name), listed(config.classes));
}

}  // namespace dmd
