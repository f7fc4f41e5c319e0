#include "dmd/cli/checks.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dmd/config/spelling.h"

namespace dmd::cli {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> number_in(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string wanted_number(std::int64_t low, std::int64_t high) {
  if (high == kNoLimit) return fmt::format("a whole number of at least {}", low);
  return fmt::format("a whole number from {} to {}", low, high);
}

// "train, valid or test".
std::string listed(const std::vector<std::string>& choices) {
  const auto last = choices.end() - 1;
  return fmt::format("{} or {}", fmt::join(choices.begin(), last, ", "), *last);
}

std::string nearest_of(const std::string& word, const std::vector<std::string>& choices) {
  const std::vector<std::string_view> names(choices.begin(), choices.end());
  const auto nearest = nearest_name(word, names);
  return nearest ? fmt::format("; did you mean '{}'?", *nearest) : "";
}

}  // namespace

Check whole_number(std::int64_t low, std::int64_t high) {
  return [low, high](const std::string& text) -> std::string {
    const auto number = number_in(text);
    if (number && *number >= low && *number <= high) return "";
    return fmt::format("must be {}, not {}", wanted_number(low, high), text);
  };
}

Check whole_number(std::int64_t low) { return whole_number(low, kNoLimit); }

Check one_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const std::string& text) -> std::string {
    if (std::ranges::find(choices, text) != choices.end()) return "";
    return fmt::format("must be {}, not {}{}", listed(choices), text, nearest_of(text, choices));
  };
}

}  // namespace dmd::cli
