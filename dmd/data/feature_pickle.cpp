#include "dmd/data/feature_pickle.h"

#include <fmt/ranges.h>

#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::fail;
using trine::io::Array;
using trine::io::printable;
using namespace trine::io::pickle;

// "'train', 'test'"
std::string keys_of(const Dict& dict) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : dict.items) {
    keys.push_back(fmt::format("'{}'", printable(text_in(*key).value_or(describe(*key)))));
  }
  return keys.empty() ? "nothing" : printable(fmt::format("{}", fmt::join(keys, ", ")), 400);
}

// The values of a list, a tuple, or an array of objects; nullptr where it is none of them.
const std::vector<const Value*>* items_of(const Value& value) {
  if (const auto* list = value.as<List>()) return &list->items;
  if (const auto* objects = value.as<Objects>()) return &objects->items;
  return nullptr;
}

// A field of a split, with its name for messages.
struct Field {
  std::string split, name;
  const Value* value;

  [[noreturn]] void refuse(const Value& found, std::string_view expected) const {
    fail("in {}, {} holds {}, and {} expected", split, name, describe(found), expected);
  }
};

std::string string_from(const Field& field, const Value& value) {
  if (const auto text = text_in(value)) return *text;
  if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
  field.refuse(value, "a string is");
}

std::vector<std::string> strings_from(const Field& field) {
  const auto* items = items_of(*field.value);
  if (items == nullptr) field.refuse(*field.value, "a list of strings is");
  std::vector<std::string> out;
  out.reserve(items->size());
  for (const Value* item : *items) out.push_back(string_from(field, *item));
  return out;
}

// A number, or an array of one.
float number_from(const Field& field, const Value& value) {
  if (const auto* number = value.as<double>()) return static_cast<float>(*number);
  if (const auto* number = value.as<std::int64_t>()) return static_cast<float>(*number);
  const auto* array = value.as<Array>();
  if (array == nullptr || array->size() != 1) field.refuse(value, "a number is");
  return array->to_f32()[0];
}

std::vector<float> numbers_from(const Field& field) {
  if (const auto* array = field.value->as<Array>()) {
    const bool column = array->rank() == 2 && array->shape()[1] == 1;
    if (array->rank() != 1 && !column) field.refuse(*field.value, "one number a sample is");
    return array->to_f32();
  }
  const auto* items = items_of(*field.value);
  if (items == nullptr) field.refuse(*field.value, "one number a sample is");
  std::vector<float> out;
  out.reserve(items->size());
  for (const Value* item : *items) out.push_back(number_from(field, *item));
  return out;
}

Array array_from(const Field& field) {
  if (const auto* array = field.value->as<Array>()) return *array;
  field.refuse(*field.value, field.value->as<Objects>() != nullptr
                                 ? "numbers (samples, steps, width), all sequences padded to one "
                                   "length, are"
                                 : "an array of numbers is");
}

Field required(const Dict& split, const std::string& split_name, const char* name) {
  const Value* value = split.find(name);
  if (value == nullptr && name == std::string_view("text") && split.find("text_bert") != nullptr) {
    fail(
        "its split {} has only token ids for the text (text_bert): add a field 'text' with "
        "features (samples, steps, width), for example a language model's last hidden states",
        split_name);
  }
  if (value == nullptr) {
    fail("its split {} has no '{}': there are {}", split_name, name, keys_of(split));
  }
  return {split_name, name, value};
}

RawSplit split_from(const Dict& fields, const std::string& name) {
  RawSplit out;
  out.ids = strings_from(required(fields, name, "id"));
  out.text = array_from(required(fields, name, "text"));
  out.audio = array_from(required(fields, name, "audio"));
  out.vision = array_from(required(fields, name, "vision"));
  out.labels = numbers_from(required(fields, name, "regression_labels"));
  if (fields.find("raw_text") != nullptr) {
    out.raw_text = strings_from(required(fields, name, "raw_text"));
  }
  if (fields.find("text_bert") != nullptr) {
    out.bert = array_from(required(fields, name, "text_bert"));
  }
  return out;
}

}  // namespace

std::array<RawSplit, 3> splits_from_pickle(const Value& root) {
  const auto* splits = root.as<Dict>();
  if (splits == nullptr) {
    fail("it holds {}, and a dict of train, valid and test is expected", describe(root));
  }
  std::array<RawSplit, 3> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string name = kSplitNames[i];
    const Value* split = splits->find(name);
    if (split == nullptr) fail("it has no split '{}': there are {}", name, keys_of(*splits));
    const auto* fields = split->as<Dict>();
    if (fields == nullptr)
      fail("its split {} is {}, and a dict is expected", name, describe(*split));
    out[i] = split_from(*fields, name);
  }
  return out;
}

}  // namespace dmd
