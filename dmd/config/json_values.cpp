#include "dmd/config/json_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <sstream>

#include <fmt/format.h>

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

template <class Choice>
bool take_named(const Json& json, std::initializer_list<Choice> choices, Choice& into) {
  std::string name;
  if (!take(json, name)) return false;
  const auto found =
      std::ranges::find_if(choices, [&](Choice choice) { return name == name_of(choice); });
  if (found == choices.end()) return false;
  into = *found;
  return true;
}

Json parsed_or_text(std::string_view source, std::string_view text) {
  Json json = Json::parse(source, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(text) : json;
}

Json json_of_list(std::string_view text) {
  return parsed_or_text(text.starts_with('[') ? std::string(text) : fmt::format("[{}]", text),
                        text);
}

}  // namespace

bool take(const Json& json, std::string& into) {
  if (!json.is_string()) return false;
  into = json.get<std::string>();
  return true;
}

bool take(const Json& json, TextEncoder& into) {
  return take_named(json, {TextEncoder::none, TextEncoder::bert, TextEncoder::roberta}, into);
}

bool take(const Json& json, Nonfinite& into) {
  return take_named(json, {Nonfinite::refuse, Nonfinite::zero}, into);
}

// "text,audio", each once.
bool take(const Json& json, ModalitySet& into) {
  std::string names;
  if (!take(json, names)) return false;
  ModalitySet set;
  std::istringstream parts(names + ",");
  for (std::string name; std::getline(parts, name, ',');) {
    const auto named =
        std::ranges::find_if(kModalities, [&](Modality m) { return name_of(m) == name; });
    if (named == kModalities.end() || set.contains(*named)) return false;
    set.add(*named);
  }
  into = set;
  return true;
}

bool take(const Json& json, trine::Precision& into) {
  return take_named(json, {trine::Precision::f32, trine::Precision::tf32}, into);
}

bool take(const Json& json, Task& into) {
  // What runs of MulT called it before every model had tasks.
  if (json == "sentiment") {
    into = Task::regression;
    return true;
  }
  return take_named(json, {Task::regression, Task::classification, Task::emotion}, into);
}

bool take(const Json& json, MetricSet& into) {
  return take_named(json, {MetricSet::mosi, MetricSet::sims, MetricSet::mult}, into);
}

bool take(const Json& json, bool& into) {
  if (!json.is_boolean()) return false;
  into = json.get<bool>();
  return true;
}

bool take(const Json& json, double& into) {
  if (!json.is_number()) return false;
  into = json.get<double>();
  return true;
}

bool take(const Json& json, std::uint64_t& into) {
  if (!json.is_number_unsigned()) return false;
  into = json.get<std::uint64_t>();
  return true;
}

bool take(const Json& json, std::int64_t& into) {
  if (!json.is_number_integer()) return false;
  const bool too_large =
      json.is_number_unsigned() &&
      json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (too_large) return false;
  into = json.get<std::int64_t>();
  return true;
}

bool take(const Json& json, SizeList& into) {
  if (!json.is_array() || json.size() != into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i)
    if (!take(json[i], into[i])) return false;
  return true;
}

bool take(const Json& json, std::vector<double>& into) {
  if (!json.is_array()) return false;
  into.clear();
  for (const Json& item : json)
    if (!take(item, into.emplace_back())) return false;
  return true;
}

bool take(const Json& json, std::vector<std::string>& into) {
  if (!json.is_array()) return false;
  into.clear();
  for (const Json& item : json)
    if (!take(item, into.emplace_back())) return false;
  return true;
}

Json json_of_text(std::string_view text, const std::string&) { return text; }
Json json_of_text(std::string_view text, TextEncoder) { return text; }
Json json_of_text(std::string_view text, Nonfinite) { return text; }
Json json_of_text(std::string_view text, const ModalitySet&) { return text; }
Json json_of_text(std::string_view text, trine::Precision) { return text; }
Json json_of_text(std::string_view text, Task) { return text; }
Json json_of_text(std::string_view text, MetricSet) { return text; }
Json json_of_text(std::string_view text, bool) { return parsed_or_text(text, text); }
Json json_of_text(std::string_view text, std::uint64_t) { return parsed_or_text(text, text); }
Json json_of_text(std::string_view text, std::int64_t) { return parsed_or_text(text, text); }
Json json_of_text(std::string_view text, const SizeList&) { return json_of_list(text); }

Json json_of_text(std::string_view text, double) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(number) ? Json(number) : Json(text);
}

// Each number as it may be written alone; with brackets, as JSON has it.
Json json_of_text(std::string_view text, const std::vector<double>&) {
  if (text.starts_with('[')) return parsed_or_text(text, text);
  Json list = Json::array();
  for (std::string_view rest = text; true;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    list.push_back(json_of_text(rest.substr(0, comma), 0.0));
    if (comma == rest.size()) return list;
    rest.remove_prefix(comma + 1);
  }
}

// Names without quotes; with brackets, as JSON has it, for names that hold a comma.
Json json_of_text(std::string_view text, const std::vector<std::string>&) {
  if (text.starts_with('[')) return parsed_or_text(text, text);
  Json list = Json::array();
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    list.push_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

}  // namespace dmd
