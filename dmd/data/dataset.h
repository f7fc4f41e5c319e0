// What a feature file or the synthetic generator gives: three splits of utterances, each with
// three modalities and one sentiment label. Where a reader was not asked for labels or for all
// splits, they may be missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dmd {

// One modality of a split: (n, steps, width), row-major f32. Left padding is zeros. Without values:
// text that the model's own encoder makes of the tokens; without steps: text that a file leaves to
// an encoder.
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
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }

  std::vector<std::string> ids, raw_text;  // one each an utterance
  Sequence text, audio, vision;
  Tokens bert;
  std::vector<float> labels;  // regression labels, -3 to 3; NaN where there is none
};

struct Dataset {
  std::string source;  // the path, or "synthetic:N"
  Split train, valid, test;
  std::vector<std::string> notes;  // what a user should know of how the file was read

  // Throws trine::Error if `name` is not train, valid or test.
  const Split& split(std::string_view name) const;
  Split& split(std::string_view name);
};

}  // namespace dmd
