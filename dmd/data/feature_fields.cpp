#include "dmd/data/feature_fields.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "dmd/config/task.h"
#include "engine/error.h"
#include "engine/io/element.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::fail;
using trine::io::Array;
using trine::io::Extents;
using namespace trine::io::pickle;

constexpr std::size_t kRank = 3;  // of features: samples, steps, width

struct Remedy {
  std::string_view maker, advice;
};
constexpr std::array kRemedies{
    Remedy{"pandas", ": save it as a NumPy array, with .to_numpy()"},
    Remedy{"numpy.ma", ": save it as a plain array, with .filled(0)"},
    Remedy{"float128", ": save it with .astype('float32')"},
    Remedy{"torch", ": save it as a NumPy array, with .numpy()"},
};

std::string_view remedy_for(const Value& value) {
  const auto* opaque = value.as<Opaque>();
  if (opaque == nullptr) return "";
  for (const Remedy& remedy : kRemedies) {
    if (opaque->what.find(remedy.maker) != std::string::npos) return remedy.advice;
  }
  return "";
}

// The values of a list or a tuple, or of an array of objects with one a sample.
const std::vector<const Value*>* items_of(const Value& value) {
  if (const auto* list = value.as<List>()) return &list->items;
  const auto* objects = value.as<Objects>();
  const bool single = objects != nullptr && !objects->shape.empty() &&
                      static_cast<std::size_t>(objects->shape[0]) == objects->items.size();
  return single ? &objects->items : nullptr;
}

// Every element as text, floats as short as their type allows.
std::vector<std::string> element_texts(const Array& array) {
  return trine::io::visit_element(array.type(), [&]<class T>(T) {
    std::vector<std::string> out(static_cast<std::size_t>(array.size()));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const T value = trine::io::load<T>(array.bytes().data() + i * sizeof(T));
      if constexpr (std::is_integral_v<T>) {
        out[i] = std::to_string(value);
      } else if constexpr (std::is_same_v<T, trine::io::Boolean>) {
        out[i] = value != 0 ? "True" : "False";
      } else if constexpr (std::is_same_v<T, double>) {
        out[i] = fmt::format("{}", value);
      } else {
        out[i] = fmt::format("{}", static_cast<float>(value));
      }
    }
    return out;
  });
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Parts of a row one after the other.
std::string join(const std::vector<std::string>& parts, std::size_t begin, std::size_t n,
                 char separator) {
  std::string out;
  for (std::size_t i = begin; i < begin + n; ++i) {
    if (i > begin) out += separator;
    out += parts[i];
  }
  return out;
}

bool is_nothing(const Value& value) {
  const auto* number = value.as<double>();
  return value.as<None>() != nullptr || (number != nullptr && std::isnan(*number));
}

bool is_of_emotions(const Extents& shape) {
  return shape.size() == kRank && shape[1] == std::ssize(kEmotions) && shape[2] == 2;
}

// Whether a number may stand for a class: beyond these, f64 does not tell whole numbers apart.
bool is_class_number(double number) {
  return number == std::nearbyint(number) && std::abs(number) <= 1e15;
}

std::string class_of_number(double number) {
  return std::to_string(static_cast<std::int64_t>(number));
}

}  // namespace

void Field::refuse(const Value& found, std::string_view expected) const {
  fail("in {}, {} holds {}, and {} expected{}", split, name, describe(found), expected,
       remedy_for(found));
}

std::optional<Array> FieldReader::as_array(const Value& value) {
  if (const auto* array = value.as<Array>()) return *array;
  if (const auto* view = value.as<TensorView>()) return tensors_.array_of(*view);
  return std::nullopt;
}

// ---- Features ----

Array FieldReader::array(const Field& field) {
  if (auto array = as_array(*field.value)) return *std::move(array);
  if (items_of(*field.value) == nullptr) field.refuse(*field.value, "an array of numbers is");
  return stacked(field);
}

Array FieldReader::stacked(const Field& field) {
  Extents shape;
  std::vector<double> numbers;
  stack(field, *field.value, 0, shape, numbers);
  // Where the first of them is empty, what it would have held is not known.
  const auto elements = static_cast<std::uint64_t>(trine::io::count(shape));
  if (elements != numbers.size()) field.refuse(*field.value, "an array of numbers is");
  return Array::from(std::move(numbers), std::move(shape));
}

// Appends what lies `depth` axes down. The first of its depth settles the extents there.
void FieldReader::stack(const Field& field, const Value& value, std::size_t depth, Extents& shape,
                        std::vector<double>& numbers) {
  const auto settle = [&](std::size_t axis, std::int64_t extent) {
    if (axis == shape.size()) shape.push_back(extent);
    if (axis > shape.size() || shape[axis] != extent) {
      field.refuse(*field.value,
                   "numbers (samples, steps, width), all sequences padded to one length, are");
    }
  };
  if (const auto array = as_array(value)) {
    for (std::size_t i = 0; i < array->shape().size(); ++i) settle(depth + i, array->shape()[i]);
    budget_.charge(static_cast<std::size_t>(array->size()) * sizeof(double));
    const std::vector<double> more = array->to_f64();
    numbers.insert(numbers.end(), more.begin(), more.end());
    return;
  }
  const auto* items = items_of(value);
  if (items == nullptr) {
    if (depth < shape.size()) field.refuse(value, "lists of equal depth are");
    numbers.push_back(number(field, value));
    return;
  }
  if (depth == kRank) field.refuse(value, "a number is");
  settle(depth, static_cast<std::int64_t>(items->size()));
  budget_.charge(items->size() * sizeof(double));
  for (const Value* item : *items) stack(field, *item, depth + 1, shape, numbers);
}

// ---- Labels ----

double FieldReader::number(const Field& field, const Value& value) {
  if (const auto* number = value.as<double>()) return *number;
  if (const auto* number = value.as<std::int64_t>()) return static_cast<double>(*number);
  if (const auto text = text_in(value)) {
    if (const auto number = number_in(*text)) return *number;
    field.refuse(value, "a number is");
  }
  const auto array = as_array(value);
  if (!array || array->size() != 1) field.refuse(value, "a number is");
  return array->to_f64()[0];
}

std::vector<float> FieldReader::numbers(const Field& field) {
  constexpr std::string_view kExpected = "one number per sample is";
  if (const auto array = as_array(*field.value)) {
    const Extents& shape = array->shape();
    if (is_of_emotions(shape)) {
      fail(
          "in {}, {} holds {}, as IEMOCAP's four emotions of two classes each, and one number a "
          "sample is expected: set task=emotion to learn emotions",
          field.split, field.name, describe(*field.value));
    }
    for (std::size_t i = 1; i < shape.size(); ++i) {
      if (shape[i] != 1) field.refuse(*field.value, kExpected);
    }
    return array->to_f32();
  }
  const auto* objects = field.value->as<Objects>();
  const auto* items = items_of(*field.value);
  if (objects != nullptr && items == nullptr) field.refuse(*field.value, kExpected);
  if (items == nullptr && field.value->as<double>() == nullptr &&
      field.value->as<std::int64_t>() == nullptr) {
    field.refuse(*field.value, kExpected);
  }
  if (items == nullptr) return {static_cast<float>(number(field, *field.value))};
  budget_.charge(items->size() * sizeof(float));
  std::vector<float> out;
  out.reserve(items->size());
  for (const Value* item : *items) {
    const auto* inner = items_of(*item);  // a list of lists of one number is a column
    const bool column = inner != nullptr && inner->size() == 1;
    const Value& one = column ? *inner->front() : *item;
    const bool none = one.as<None>() != nullptr;
    out.push_back(none ? std::numeric_limits<float>::quiet_NaN()
                       : static_cast<float>(number(field, one)));
  }
  return out;
}

// ---- Classes ----

bool FieldReader::holds_emotions(const Field& field) {
  const auto array = as_array(*field.value);
  return array && is_of_emotions(array->shape());
}

std::string FieldReader::class_name(const Field& field, const Value& value) {
  constexpr std::string_view kExpected = "the name of a class or a whole number is";
  if (is_nothing(value)) return "";
  if (text_in(value) || value.as<bool>() != nullptr) return scalar(value).value_or("");
  const auto array = as_array(value);
  const bool is_number = value.as<std::int64_t>() != nullptr || value.as<double>() != nullptr ||
                         (array && array->size() == 1);
  if (!is_number) field.refuse(value, kExpected);
  const double number = this->number(field, value);
  if (std::isnan(number)) return "";
  if (!is_class_number(number)) field.refuse(value, kExpected);
  return class_of_number(number);
}

std::vector<std::string> FieldReader::classes(const Field& field) {
  constexpr std::string_view kExpected = "one class a sample, a name or a whole number, is";
  std::vector<std::string> out;
  if (const auto array = as_array(*field.value)) {
    for (std::size_t i = 1; i < array->shape().size(); ++i)
      if (array->shape()[i] != 1) field.refuse(*field.value, kExpected);
    budget_.charge(static_cast<std::size_t>(array->size()) * sizeof(std::string));
    for (const double number : array->to_f64()) {
      if (!std::isnan(number) && !is_class_number(number))
        fail("in {}, {} holds {}, and {} expected", field.split, field.name, number, kExpected);
      out.push_back(std::isnan(number) ? "" : class_of_number(number));
    }
    return out;
  }
  const auto* items = items_of(*field.value);
  if (items == nullptr) field.refuse(*field.value, kExpected);
  for (const Value* item : *items) {
    const auto* inner = items_of(*item);  // a list of lists of one class is a column
    const bool column = inner != nullptr && inner->size() == 1;
    out.push_back(class_name(field, column ? *inner->front() : *item));
  }
  note_repairs(field);
  return out;
}

// ---- Texts ----

std::optional<std::string> FieldReader::scalar(const Value& value) {
  std::string out;
  if (const auto* text = value.as<std::string>()) {
    budget_.charge(text->size());
    out = *text;
  } else if (const auto* bytes = value.as<Bytes>()) {
    budget_.charge(bytes->data.size());
    const std::string_view raw = trine::io::text_of(bytes->data.view);
    const bool whole = trine::io::is_utf8(raw);
    repaired_ += whole ? 0 : 1;
    out = whole ? std::string(raw) : trine::io::repaired_utf8(raw);
  } else if (const auto* integer = value.as<std::int64_t>()) {
    out = std::to_string(*integer);
  } else if (const auto* number = value.as<double>()) {
    out = fmt::format("{}", *number);
  } else if (const auto* boolean = value.as<bool>()) {
    out = *boolean ? "True" : "False";
  } else if (const auto* array = value.as<Array>(); array != nullptr && array->size() == 1) {
    out = element_texts(*array)[0];
  } else {
    return std::nullopt;
  }
  budget_.charge(sizeof(out));
  return out;
}

std::string FieldReader::joined(const Field& field, const Values& parts) {
  std::vector<std::string> texts;
  for (const Value* part : parts) {
    auto text = scalar(*part);
    if (!text) field.refuse(*part, "a text or a number is");
    texts.push_back(*std::move(text));
  }
  return join(texts, 0, texts.size(), '_');
}

std::string FieldReader::id(const Field& field, const Value& value) {
  if (auto text = scalar(value)) return *std::move(text);
  if (const auto* list = value.as<List>()) return joined(field, list->items);
  if (const auto* objects = value.as<Objects>()) return joined(field, objects->items);
  const auto array = as_array(value);
  if (!array) field.refuse(value, "a text or a number is");
  budget_.charge(static_cast<std::size_t>(array->size()) * sizeof(std::string));
  const std::vector<std::string> texts = element_texts(*array);
  return join(texts, 0, texts.size(), '_');
}

std::vector<std::string> FieldReader::array_ids(const Array& array) {
  budget_.charge(static_cast<std::size_t>(array.size()) * sizeof(std::string));
  const std::vector<std::string> texts = element_texts(array);
  const std::size_t rows = array.rank() == 0 ? 1 : static_cast<std::size_t>(array.shape()[0]);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < (texts.empty() ? 0 : rows); ++i)
    out.push_back(join(texts, i * (texts.size() / rows), texts.size() / rows, '_'));
  return out;
}

std::vector<std::string> FieldReader::ids(const Field& field) {
  std::vector<std::string> out;
  if (const auto array = as_array(*field.value)) {
    out = array_ids(*array);
  } else if (const auto* items = items_of(*field.value)) {
    for (const Value* item : *items) out.push_back(id(field, *item));
  } else if (const auto* objects = field.value->as<Objects>(); objects && !objects->shape.empty()) {
    const auto rows = static_cast<std::size_t>(objects->shape[0]);
    const std::size_t length = rows == 0 ? 0 : objects->items.size() / rows;
    for (std::size_t i = 0; i < rows; ++i) {
      const auto begin = objects->items.begin() + static_cast<std::ptrdiff_t>(i * length);
      out.push_back(joined(field, {begin, begin + static_cast<std::ptrdiff_t>(length)}));
    }
  } else if (auto text = scalar(*field.value)) {
    out.push_back(*std::move(text));
  } else {
    field.refuse(*field.value, "a list of texts or numbers is");
  }
  note_repairs(field);
  return out;
}

std::vector<std::string> FieldReader::made_ids(const std::string& split, const Array& samples) {
  const bool any = samples.rank() > 0 && samples.size() > 0;  // extents beside a 0 may be any
  const auto n = any ? static_cast<std::size_t>(samples.shape()[0]) : 0;
  budget_.charge(n * sizeof(std::string));
  std::vector<std::string> out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back(fmt::format("{}-{}", split, i));
  notes_.push_back(
      fmt::format("{0} has no 'id': its utterances are called {0}-0, {0}-1 and so on", split));
  return out;
}

std::string FieldReader::text(const Value& value, std::int64_t& missing) {
  if (!is_nothing(value)) {
    if (auto text = scalar(value)) return *std::move(text);
  }
  std::string words;
  const auto* items = items_of(value);  // a transcript that is split into words
  if (items != nullptr) budget_.charge(items->size() * sizeof(Value*));
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto word = scalar(*(*items)[i]);
    if (word) words += (words.empty() ? "" : " ") + *word;
  }
  if (words.empty()) ++missing;
  return words;
}

std::vector<std::string> FieldReader::texts(const Field& field) {
  const auto* objects = field.value->as<Objects>();  // (n, 1) as well as (n)
  const auto* items = objects != nullptr ? &objects->items : items_of(*field.value);
  std::vector<std::string> out;
  std::int64_t missing = 0;
  if (items != nullptr) {
    for (const Value* item : *items) out.push_back(text(*item, missing));
  } else if (auto only = scalar(*field.value)) {
    out.push_back(*std::move(only));
  } else {
    notes_.push_back(fmt::format("{} of {} is left out: it is {}", field.name, field.split,
                                 describe(*field.value)));
  }
  if (missing > 0) {
    notes_.push_back(fmt::format("{} of {} holds no text for {} of {} utterances", field.name,
                                 field.split, missing, out.size()));
  }
  note_repairs(field);
  return out;
}

void FieldReader::note_repairs(const Field& field) {
  if (repaired_ > 0) {
    notes_.push_back(
        fmt::format("{} of {} holds {} texts that are not UTF-8: what cannot be read "
                    "is shown as \uFFFD",
                    field.name, field.split, repaired_));
  }
  repaired_ = 0;
}

}  // namespace dmd
