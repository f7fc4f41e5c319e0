#include "dmd/data/feature_checks.h"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/ranges.h>

#include "dmd/data/feature_values.h"
#include "dmd/data/missing.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::fail;
using trine::io::Array;
using trine::io::printable;

constexpr std::array kFileOrder{Modality::language, Modality::audio, Modality::vision};
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// What is being looked at, for messages.
struct Place {
  std::string split, field;
  const std::vector<std::string>& ids;

  std::string sample(std::size_t index) const {
    return fmt::format("in {}, {} of sample '{}'", split, field, printable(ids[index]));
  }
};

void check_count(const Place& place, std::int64_t n) {
  const auto expected = static_cast<std::int64_t>(place.ids.size());
  if (n != expected) {
    fail("in {}, there are {} samples in {} and {} in id", place.split, n, place.field, expected);
  }
}

Sequence checked_sequence(const Place& place, const Array& array, FeatureValues& values) {
  const auto& shape = array.shape();
  if (shape.size() != 3) {
    fail("in {}, {} is {}, and (samples, steps, width) is expected{}", place.split, place.field,
         to_string(array),
         shape.size() == 2 ? ": features are needed for every time step, not token ids or averages"
                           : "");
  }
  if (shape[1] == 0 || shape[2] == 0) {
    fail("in {}, {} is {}: there is nothing in it", place.split, place.field, to_string(array));
  }
  check_count(place, shape[0]);
  return {shape[0], shape[1], shape[2], values.take(array, place.split, place.field, place.ids)};
}

Tokens checked_tokens(const Place& place, const Array& array) {
  const auto& shape = array.shape();
  if (shape.size() != 3 || shape[1] != 3 || shape[2] == 0) {
    fail("in {}, {} is {}, and (samples, 3, tokens) is expected: ids, mask and segments",
         place.split, place.field, to_string(array));
  }
  check_count(place, shape[0]);
  std::vector<std::int32_t> all;
  try {
    all = array.to_i32();
  } catch (const trine::Error& error) {
    fail("in {}, {} does not hold token ids: {}", place.split, place.field, error.what());
  }
  Tokens tokens{shape[0], shape[2], {}, {}, {}};
  const auto length = static_cast<std::ptrdiff_t>(shape[2]);
  for (auto row = all.cbegin(); row != all.cend(); row += 3 * length) {
    tokens.ids.insert(tokens.ids.end(), row, row + length);
    tokens.mask.insert(tokens.mask.end(), row + length, row + 2 * length);
    tokens.segments.insert(tokens.segments.end(), row + 2 * length, row + 3 * length);
  }
  return tokens;
}

std::vector<std::string> checked_classes(const Place& place,
                                         const std::vector<std::string>& classes, bool needed) {
  check_count(place, static_cast<std::int64_t>(classes.size()));
  for (std::size_t i = 0; needed && i < classes.size(); ++i)
    if (classes[i].empty()) fail("{} is missing", place.sample(i));
  return classes;
}

// A question's answer from its two numbers, of which the larger one says what it is.
float answer_of(const Place& place, std::size_t sample, std::size_t question, double no, double yes,
                bool needed) {
  if (std::isnan(no) && std::isnan(yes) && !needed) return kNone;
  if (no != yes && std::isfinite(no) && std::isfinite(yes)) return yes > no ? 1.0f : 0.0f;
  fail("{} says neither no nor yes to {}: it is ({}, {})", place.sample(sample),
       kEmotions[question], no, yes);
}

std::vector<float> checked_emotions(const Place& place, const Array& array, bool needed) {
  const auto& shape = array.shape();
  if (shape.size() != 3 || shape[1] != std::ssize(kEmotions) || shape[2] != 2)
    fail("in {}, {} is {}, and (samples, 4, 2) is expected: no and yes for {}", place.split,
         place.field, to_string(array), fmt::join(kEmotions, ", "));
  check_count(place, shape[0]);
  const std::vector<double> values = array.to_f64();
  std::vector<float> answers;
  for (std::size_t i = 0; i < values.size() / 2; ++i)
    answers.push_back(answer_of(place, i / kEmotions.size(), i % kEmotions.size(), values[2 * i],
                                values[2 * i + 1], needed));
  return answers;
}

std::vector<float> checked_labels(const Place& place,
                                  const std::optional<std::vector<float>>& labels, bool needed) {
  if (!labels) return std::vector<float>(place.ids.size(), kNone);
  check_count(place, static_cast<std::int64_t>(labels->size()));
  for (std::size_t i = 0; i < labels->size(); ++i) {
    const float label = (*labels)[i];
    if (std::isinf(label)) fail("{} is {}", place.sample(i), label);
    if (std::isnan(label) && needed)
      fail("{} is {}: --skip-unlabelled leaves utterances without a label out", place.sample(i),
           label);
  }
  return *labels;
}

// Labels are needed of the task alone that the file is read for.
void take_labels(const RawSplit& raw, const std::string& name, const FeatureOptions& options,
                 Split& split) {
  const auto place = [&](const char* field) { return Place{name, field, raw.ids}; };
  const auto needed = [&](Task task) { return options.need_labels && options.task == task; };
  split.labels = checked_labels(place("regression_labels"), raw.labels, needed(Task::regression));
  if (raw.classes)
    split.classes =
        checked_classes(place("classification_labels"), *raw.classes, needed(Task::classification));
  if (raw.emotions) {
    split.labels = checked_emotions(place("labels"), *raw.emotions, needed(Task::emotion));
    split.label_width = label_width(Task::emotion);
  } else if (options.task == Task::emotion) {
    split.label_width = label_width(Task::emotion);
    split.labels.assign(raw.ids.size() * kEmotions.size(), kNone);
  }
}

Split checked_split(const RawSplit& raw, const std::string& name, const FeatureOptions& options,
                    FeatureValues& values) {
  if (raw.ids.empty()) fail("its split {} is empty", name);
  const auto place = [&](const char* field) { return Place{name, field, raw.ids}; };
  Split split;
  split.ids = raw.ids;
  split.raw_text = raw.raw_text;
  if (raw.raw_text.empty()) split.raw_text.resize(raw.ids.size());
  check_count(place("raw_text"), static_cast<std::int64_t>(split.raw_text.size()));
  take_labels(raw, name, options, split);
  for (const Modality m : kFileOrder)
    if (raw.features[m])
      sequence_of(split, m) = checked_sequence(place(name_of(m).data()), *raw.features[m], values);
  if (raw.bert) split.bert = checked_tokens(place("text_bert"), *raw.bert);
  return split;
}

void check_same(std::string_view field, const Sequence& first, const Sequence& other,
                const std::string& first_name, const std::string& name) {
  if (first.steps == other.steps && first.width == other.width) return;
  if (first.width == 0 || other.width == 0)
    fail("there is {} in {}, and none in {}: every split needs the same fields", field,
         first.width > 0 ? first_name : name, first.width > 0 ? name : first_name);
  fail("{} has {} steps of width {} in {}, and {} steps of width {} in {}", field, first.steps,
       first.width, first_name, other.steps, other.width, name);
}

void check_alike(const Split& first, const Split& other, const std::string& first_name,
                 const std::string& name) {
  for (const Modality m : kFileOrder)
    check_same(name_of(m), sequence_of(first, m), sequence_of(other, m), first_name, name);
  if (first.bert.tokens != other.bert.tokens) {
    fail("text_bert has {} tokens in {}, and {} in {}", first.bert.tokens, first_name,
         other.bert.tokens, name);
  }
}

}  // namespace

Dataset checked_dataset(const RawDataset& raw, const std::string& source,
                        const FeatureOptions& options) {
  Dataset data;
  data.source = source;
  data.notes = raw.notes;
  FeatureValues values(options.nonfinite);
  const char* first = nullptr;
  for (std::size_t i = 0; i < kSplitNames.size(); ++i) {
    if (!raw.splits[i]) continue;
    const char* name = kSplitNames[i];
    Split& split = data.split(name);
    split = checked_split(*raw.splits[i], name, options, values);
    if (first == nullptr) first = name;
    check_alike(data.split(first), split, first, name);
  }
  if (std::string note = values.finish(); !note.empty()) data.notes.push_back(std::move(note));
  return data;
}

}  // namespace dmd
