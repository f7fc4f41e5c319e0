#include "dmd/data/labelled.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "engine/error.h"

namespace dmd {
namespace {

// Rows of `width` values each, those alone that are kept.
template <class T>
std::vector<T> rows_of(const std::vector<T>& values, const std::vector<std::size_t>& kept,
                       std::size_t width) {
  std::vector<T> result;
  if (values.empty()) return result;
  result.reserve(kept.size() * width);
  for (const std::size_t row : kept) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * width);
    result.insert(result.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
  }
  return result;
}

Sequence rows_of(const Sequence& sequence, const std::vector<std::size_t>& kept) {
  const auto width = static_cast<std::size_t>(sequence.steps * sequence.width);
  return {static_cast<std::int64_t>(kept.size()), sequence.steps, sequence.width,
          rows_of(sequence.values, kept, width)};
}

Tokens rows_of(const Tokens& tokens, const std::vector<std::size_t>& kept) {
  const auto width = static_cast<std::size_t>(tokens.tokens);
  return {tokens.n == 0 ? 0 : static_cast<std::int64_t>(kept.size()), tokens.tokens,
          rows_of(tokens.ids, kept, width), rows_of(tokens.mask, kept, width),
          rows_of(tokens.segments, kept, width)};
}

}  // namespace

bool is_labelled(const Split& split, std::int64_t row) {
  if (!split.classes.empty()) return !split.classes[static_cast<std::size_t>(row)].empty();
  return std::ranges::none_of(split.label(static_cast<std::size_t>(row)),
                              [](float number) { return std::isnan(number); });
}

std::int64_t count_unlabelled(const Split& split) {
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < split.size(); ++row) count += is_labelled(split, row) ? 0 : 1;
  return count;
}

Split labelled_part(const Split& split) {
  std::vector<std::size_t> kept;
  for (std::int64_t row = 0; row < split.size(); ++row)
    if (is_labelled(split, row)) kept.push_back(static_cast<std::size_t>(row));
  return {.ids = rows_of(split.ids, kept, 1),
          .raw_text = rows_of(split.raw_text, kept, 1),
          .text = rows_of(split.text, kept),
          .audio = rows_of(split.audio, kept),
          .vision = rows_of(split.vision, kept),
          .bert = rows_of(split.bert, kept),
          .labels = rows_of(split.labels, kept, static_cast<std::size_t>(split.label_width)),
          .label_width = split.label_width,
          .classes = rows_of(split.classes, kept, 1)};
}

void keep_labelled(Dataset& data, std::vector<std::string>& left_out) {
  for (const char* name : kSplitNames) {
    Split& split = data.split(name);
    const std::int64_t unlabelled = count_unlabelled(split);
    if (unlabelled == 0) continue;
    if (unlabelled == split.size())
      trine::fail("the {} split of {} has no labelled utterance", name, data.source);
    left_out.push_back(
        fmt::format("left out: {} of {} utterances of the {} split, which have no label",
                    unlabelled, split.size(), name));
    split = labelled_part(split);
  }
}

}  // namespace dmd
