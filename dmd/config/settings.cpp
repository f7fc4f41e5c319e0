#include "dmd/config/settings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/error.h"

namespace dmd {
namespace {

template <class T>
const T& held(const Settings& settings, std::string_view name) {
  if (const T* value = std::get_if<T>(&settings.value(name))) return *value;
  trine::fail("the configuration key '{}' is read as another type than its own", name);
}

std::string kind_of(const Key& key) {
  struct Name {
    std::string operator()(bool) const { return "true or false"; }
    std::string operator()(std::int64_t) const { return "a whole number"; }
    std::string operator()(double) const { return "a number"; }
    std::string operator()(const std::string&) const { return "text"; }
    std::string operator()(const std::vector<double>& list) const {
      return fmt::format("{} numbers", list.size());
    }
  };
  return std::visit(Name{}, key.standard);
}

struct Fits {
  const Key& key;

  bool operator()(bool) const { return true; }
  bool operator()(std::int64_t number) const {
    return key.range.contains(static_cast<double>(number));
  }
  bool operator()(double number) const { return key.range.contains(number); }
  bool operator()(const std::string& text) const {
    return key.choices.empty() || std::ranges::find(key.choices, text) != key.choices.end();
  }
  bool operator()(const std::vector<double>& list) const {
    return list.size() == std::get<Numbers>(key.standard).size() &&
           std::ranges::all_of(list, [&](double x) { return key.range.contains(x); });
  }
};

}  // namespace

Settings::Settings(std::span<const Key> keys) : keys_(keys) {
  for (const Key& key : keys) values_.push_back(key.standard);
}

const Key* Settings::find(std::string_view name) const {
  const auto found = std::ranges::find(keys_, name, &Key::name);
  return found == keys_.end() ? nullptr : &*found;
}

std::size_t Settings::index_of(std::string_view name) const {
  if (const Key* key = find(name)) return static_cast<std::size_t>(key - keys_.data());
  trine::fail("the configuration's model has no key '{}'", name);
}

const Value& Settings::value(std::string_view name) const { return values_[index_of(name)]; }

bool Settings::flag(std::string_view name) const { return held<bool>(*this, name); }

std::int64_t Settings::whole(std::string_view name) const {
  return held<std::int64_t>(*this, name);
}

double Settings::real(std::string_view name) const { return held<double>(*this, name); }

const std::string& Settings::text(std::string_view name) const {
  return held<std::string>(*this, name);
}

const std::vector<double>& Settings::list(std::string_view name) const {
  return held<Numbers>(*this, name);
}

void Settings::set(std::string_view name, Value value) {
  const std::size_t index = index_of(name);
  const Key& key = keys_[index];
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (whole && std::holds_alternative<double>(key.standard)) value = static_cast<double>(*whole);
  if (!fits(key, value)) trine::fail("configuration key '{}' must be {}", name, expected_of(key));
  values_[index] = std::move(value);
}

std::string expected_of(const Key& key) {
  if (!key.choices.empty()) return fmt::format("{}", fmt::join(key.choices, " or "));
  return kind_of(key) + key.range.describe();
}

bool fits(const Key& key, const Value& value) {
  return value.index() == key.standard.index() && std::visit(Fits{key}, value);
}

}  // namespace dmd
