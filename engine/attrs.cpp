#include "engine/attrs.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {

Attrs::Attrs(std::initializer_list<std::pair<std::string, AttrValue>> values) {
  for (const auto& [name, value] : values) set(name, value);
}

void Attrs::set(std::string name, AttrValue value) {
  auto at = std::lower_bound(values_.begin(), values_.end(), name,
                             [](const auto& entry, const auto& key) { return entry.first < key; });
  if (at != values_.end() && at->first == name)
    at->second = std::move(value);
  else
    values_.insert(at, {std::move(name), std::move(value)});
}

const AttrValue* Attrs::find(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return &value;
  return nullptr;
}

const AttrValue& Attrs::get(std::string_view name) const {
  if (const AttrValue* value = find(name)) return *value;
  fail("attribute '{}' is missing; the op was captured without it", name);
}

std::int64_t Attrs::integer(std::string_view name) const {
  return std::get<std::int64_t>(get(name));
}
double Attrs::real(std::string_view name) const { return std::get<double>(get(name)); }
const std::string& Attrs::text(std::string_view name) const {
  return std::get<std::string>(get(name));
}
const Dims& Attrs::dims(std::string_view name) const { return std::get<Dims>(get(name)); }
const LiteralData& Attrs::literal(std::string_view name) const {
  return std::get<LiteralData>(get(name));
}

namespace {

struct Print {
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{:.6g}", value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const Dims& value) const { return to_string(value); }
  std::string operator()(const LiteralData& value) const {
    return fmt::format("[{} values]", value->size());
  }
};

}  // namespace

std::string to_string(const Attrs& attrs) {
  std::string text;
  for (const auto& [name, value] : attrs)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, std::visit(Print{}, value));
  return text;
}

}  // namespace trine
