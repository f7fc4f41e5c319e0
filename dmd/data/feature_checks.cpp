#include "dmd/data/feature_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

void check_finite(const Place& place, const Sequence& sequence) {
  const auto bad =
      std::ranges::find_if_not(sequence.values, [](float x) { return std::isfinite(x); });
  if (bad == sequence.values.end()) return;
  const std::int64_t at = bad - sequence.values.begin();
  const std::int64_t row = at / sequence.width;
  fail("{} is {} at step {}, feature {}: mend or leave out that sample",
       place.sample(static_cast<std::size_t>(row / sequence.steps)),
       std::isnan(*bad) ? "not a number (NaN)" : "infinite", row % sequence.steps,
       at % sequence.width);
}

// openSMILE and COVAREP write the logarithm of silence.
void silence_to_zero(std::vector<float>& audio) {
  std::ranges::replace(audio, -std::numeric_limits<float>::infinity(), 0.0f);
}

Sequence checked_sequence(const Place& place, const Array& array) {
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
  Sequence sequence{shape[0], shape[1], shape[2], array.to_f32()};
  if (place.field == "audio") silence_to_zero(sequence.values);
  check_finite(place, sequence);
  return sequence;
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

std::vector<float> checked_labels(const Place& place, const std::vector<float>& labels) {
  check_count(place, static_cast<std::int64_t>(labels.size()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!std::isfinite(labels[i])) fail("{} is {}", place.sample(i), labels[i]);
  }
  return labels;
}

Split checked_split(const RawSplit& raw, const std::string& name) {
  if (raw.ids.empty()) fail("its split {} is empty", name);
  const auto place = [&](const char* field) { return Place{name, field, raw.ids}; };
  Split split;
  split.ids = raw.ids;
  split.raw_text = raw.raw_text;
  if (raw.raw_text.empty()) split.raw_text.resize(raw.ids.size());
  check_count(place("raw_text"), static_cast<std::int64_t>(split.raw_text.size()));
  split.labels = checked_labels(place("regression_labels"), raw.labels);
  split.text = checked_sequence(place("text"), raw.text);
  split.audio = checked_sequence(place("audio"), raw.audio);
  split.vision = checked_sequence(place("vision"), raw.vision);
  if (raw.bert) split.bert = checked_tokens(place("text_bert"), *raw.bert);
  return split;
}

void check_same(const char* field, const Sequence& train, const Sequence& other,
                const std::string& name) {
  if (train.steps == other.steps && train.width == other.width) return;
  fail("{} has {} steps of width {} in train, and {} steps of width {} in {}", field, train.steps,
       train.width, other.steps, other.width, name);
}

void check_alike(const Split& train, const Split& other, const std::string& name) {
  check_same("text", train.text, other.text, name);
  check_same("audio", train.audio, other.audio, name);
  check_same("vision", train.vision, other.vision, name);
  if (train.bert.tokens != other.bert.tokens) {
    fail("text_bert has {} tokens in train, and {} in {}", train.bert.tokens, other.bert.tokens,
         name);
  }
}

}  // namespace

Dataset checked_dataset(const std::array<RawSplit, 3>& splits, const std::string& source) {
  Dataset data;
  data.source = source;
  data.train = checked_split(splits[0], kSplitNames[0]);
  data.valid = checked_split(splits[1], kSplitNames[1]);
  data.test = checked_split(splits[2], kSplitNames[2]);
  check_alike(data.train, data.valid, kSplitNames[1]);
  check_alike(data.train, data.test, kSplitNames[2]);
  return data;
}

}  // namespace dmd
