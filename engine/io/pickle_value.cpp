#include "engine/io/pickle_value.h"

#include <algorithm>

#include "engine/io/pickle.h"
#include "engine/io/utf8.h"

namespace trine::io::pickle {
namespace {

struct Describe {
  std::string operator()(None) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int64_t value) const { return fmt::format("the number {}", value); }
  std::string operator()(double value) const { return fmt::format("the number {}", value); }
  std::string operator()(const std::string& value) const {
    return fmt::format("the string '{}'", printable(value, 40));
  }
  std::string operator()(const Bytes& value) const {
    return fmt::format("{} raw bytes", value.data.size());
  }
  std::string operator()(const List& value) const {
    constexpr const char* kNames[] = {"list", "tuple"};
    return fmt::format("a {} of {} items", kNames[static_cast<int>(value.kind)],
                       value.items.size());
  }
  std::string operator()(const Dict& value) const {
    return fmt::format("a dict of {} items", value.items.size());
  }
  std::string operator()(const Array& value) const { return "an array " + to_string(value); }
  std::string operator()(const Objects& value) const {
    return "an array of objects " + to_string(value.shape);
  }
  std::string operator()(const NumpyType& value) const {
    return fmt::format("the dtype {}{}", value.kind, value.size);
  }
  std::string operator()(EmptyArray) const { return "an array without contents"; }
  std::string operator()(const Storage&) const { return "a storage of a tensor"; }
  std::string operator()(const TensorView& value) const {
    return "a tensor " + to_string(value.shape);
  }
  std::string operator()(const Opaque& value) const { return value.what; }
  std::string operator()(const Global& value) const {
    return fmt::format("{}.{}", value.callable->module, value.callable->name);
  }
};

}  // namespace

const Value* Dict::find(std::string_view key) const {
  const auto named = [key](const auto& item) {
    const auto* text = item.first->template as<std::string>();
    const auto* bytes = item.first->template as<Bytes>();
    return (text != nullptr && *text == key) ||
           (bytes != nullptr && io::text_of(bytes->data.view) == key);
  };
  const auto found = std::find_if(items.rbegin(), items.rend(), named);
  return found == items.rend() ? nullptr : found->second;
}

std::string describe(const Value& value) { return std::visit(Describe{}, value.data); }

std::optional<std::string> text_in(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* bytes = value.as<Bytes>()) {
    const std::string_view text = io::text_of(bytes->data.view);
    if (is_utf8(text)) return std::string(text);
  }
  return std::nullopt;
}

}  // namespace trine::io::pickle
