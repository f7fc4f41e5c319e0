// The attributes of a graph node: a few named values that are fixed when the graph is captured
// (an axis, a rate, a causal offset). Whatever changes from step to step is never an attribute.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/shape.h"

namespace trine {

// Values of a literal tensor, shared by every graph that mentions it.
using LiteralData = std::shared_ptr<const std::vector<float>>;

using AttrValue = std::variant<std::int64_t, double, std::string, Dims, LiteralData>;

class Attrs {
 public:
  Attrs() = default;
  Attrs(std::initializer_list<std::pair<std::string, AttrValue>> values);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const Dims& dims(std::string_view name) const;
  const LiteralData& literal(std::string_view name) const;

  void set(std::string name, AttrValue value);

  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  bool empty() const { return values_.empty(); }

  friend bool operator==(const Attrs&, const Attrs&) = default;

 private:
  const AttrValue* find(std::string_view name) const;
  const AttrValue& get(std::string_view name) const;

  std::vector<std::pair<std::string, AttrValue>> values_;  // sorted by name
};

// "axis=1 rate=0.5"; literals print as their length.
std::string to_string(const Attrs& attrs);

}  // namespace trine
