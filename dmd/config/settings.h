// The keys that a model brings to the configuration, and their values. A key is one row of the
// model's table (models/model_def.h): files, `--set`, help and docs read the row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dmd/config/range.h"
#include "engine/alternative.h"

namespace dmd {

using Numbers = trine::Alternative<std::vector<double>>;
using Value = std::variant<bool, std::int64_t, double, std::string, Numbers>;

struct Key {
  std::string_view name;
  Value standard;  // the default; its type is the key's, its length that of a list
  Range range;     // of numbers, in lists too
  std::vector<std::string_view> choices;  // of text; empty: any
  std::string_view meaning;
};

// A value for each key of one model.
class Settings {
 public:
  Settings() = default;
  // The defaults. The keys must outlive the settings.
  explicit Settings(std::span<const Key> keys);

  std::span<const Key> keys() const { return keys_; }
  // nullptr where the model has no such key.
  const Key* find(std::string_view name) const;

  // Throw trine::Error if there is no such key or it is of another type: a fault of the program.
  const Value& value(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t whole(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const std::vector<double>& list(std::string_view name) const;

  // Stores a value of the key's type, a whole number also where the key is real. Throws
  // trine::Error for another type, a value out of range, a list of another length and a text that
  // is no choice.
  void set(std::string_view name, Value value);

  friend bool operator==(const Settings& a, const Settings& b) { return a.values_ == b.values_; }

 private:
  std::size_t index_of(std::string_view name) const;

  std::span<const Key> keys_;
  std::vector<Value> values_;  // one for each key, in their order
};

// What the key takes, for messages and docs: "a number above 0", "reference or paper".
std::string expected_of(const Key& key);

// Whether the key may hold the value, which is of any type.
bool fits(const Key& key, const Value& value);

}  // namespace dmd
