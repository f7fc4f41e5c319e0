// What a feature file or the synthetic generator gives: three splits of utterances, each with
// three modalities and a label. Where a reader was not asked for labels or for all
// splits, they may be missing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dmd {

// One modality of a split: (n, steps, width), row-major f32. Left padding is zeros. Of a modality
// that the file does not have, all are 0. Without values: text that the model's own encoder makes
// of the tokens; without steps: text that a file leaves to an encoder.
struct Sequence {
  std::int64_t n = 0, steps = 0, width = 0;
  std::vector<float> values;
};

// Token ids, mask and segments for a text encoder: each (n, tokens), row-major. Empty when absent.
struct Tokens {
  std::int64_t n = 0, tokens = 0;
  std::vector<std::int32_t> ids, mask, segments;
};

struct Split {
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()) / label_width; }

  // The numbers of an utterance's label.
  std::span<const float> label(std::size_t row) const {
    const auto width = static_cast<std::size_t>(label_width);
    return std::span(labels).subspan(row * width, width);
  }

  std::vector<std::string> ids, raw_text;  // one each an utterance
  Sequence text, audio, vision;
  Tokens bert;
  // What is learnt and scored, (n, label_width), row-major; NaN where there is none: sentiment, the
  // number of a class, once data/classes.h has numbered them, or 0 or 1 for each of kEmotions.
  std::vector<float> labels;
  std::int64_t label_width = 1;
  // The name of each utterance's class, "" where it has none; empty where none were read.
  std::vector<std::string> classes;
};

inline constexpr std::array<const char*, 3> kSplitNames{"train", "valid", "test"};

struct Dataset {
  std::string source;  // the path, or "synthetic:N"
  Split train, valid, test;
  std::vector<std::string> notes;  // what a user should know of how the file was read

  // Throws trine::Error if `name` is not train, valid or test.
  const Split& split(std::string_view name) const;
  Split& split(std::string_view name);
};

}  // namespace dmd
