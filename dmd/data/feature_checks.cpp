#include "dmd/data/feature_checks.h"

#include <cmath>
#include <limits>
#include <utility>

#include "dmd/data/feature_values.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::fail;
using trine::io::Array;
using trine::io::printable;

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

std::vector<float> checked_labels(const Place& place,
                                  const std::optional<std::vector<float>>& labels, bool needed) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  if (!labels) return std::vector<float>(place.ids.size(), kNone);
  check_count(place, static_cast<std::int64_t>(labels->size()));
  for (std::size_t i = 0; i < labels->size(); ++i) {
    const float label = (*labels)[i];
    const bool missing = std::isnan(label) && !needed;
    if (!std::isfinite(label) && !missing) fail("{} is {}", place.sample(i), label);
  }
  return *labels;
}

Split checked_split(const RawSplit& raw, const std::string& name, bool need_labels,
                    FeatureValues& values) {
  if (raw.ids.empty()) fail("its split {} is empty", name);
  const auto place = [&](const char* field) { return Place{name, field, raw.ids}; };
  Split split;
  split.ids = raw.ids;
  split.raw_text = raw.raw_text;
  if (raw.raw_text.empty()) split.raw_text.resize(raw.ids.size());
  check_count(place("raw_text"), static_cast<std::int64_t>(split.raw_text.size()));
  split.labels = checked_labels(place("regression_labels"), raw.labels, need_labels);
  if (raw.text) split.text = checked_sequence(place("text"), *raw.text, values);
  split.audio = checked_sequence(place("audio"), raw.audio, values);
  split.vision = checked_sequence(place("vision"), raw.vision, values);
  if (raw.bert) split.bert = checked_tokens(place("text_bert"), *raw.bert);
  return split;
}

void check_same(const char* field, const Sequence& first, const Sequence& other,
                const std::string& first_name, const std::string& name) {
  if (first.steps == other.steps && first.width == other.width) return;
  fail("{} has {} steps of width {} in {}, and {} steps of width {} in {}", field, first.steps,
       first.width, first_name, other.steps, other.width, name);
}

void check_alike(const Split& first, const Split& other, const std::string& first_name,
                 const std::string& name) {
  check_same("text", first.text, other.text, first_name, name);
  check_same("audio", first.audio, other.audio, first_name, name);
  check_same("vision", first.vision, other.vision, first_name, name);
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
    split = checked_split(*raw.splits[i], name, options.need_labels, values);
    if (first == nullptr) first = name;
    check_alike(data.split(first), split, first, name);
  }
  if (std::string note = values.finish(); !note.empty()) data.notes.push_back(std::move(note));
  return data;
}

}  // namespace dmd
