#include "dmd/data/lengths.h"

#include <algorithm>

#include <fmt/format.h>

#include "dmd/data/missing.h"

namespace dmd {
namespace {

// Of each utterance, the first `steps` steps behind as many steps of zeros as are missing.
Sequence with_steps(const Sequence& from, std::int64_t steps) {
  const std::int64_t kept = std::min(from.steps, steps) * from.width;
  const std::int64_t zeros = steps * from.width - kept;
  Sequence to{from.n, steps, from.width, {}};
  to.values.reserve(static_cast<std::size_t>(from.n * steps * from.width));
  for (auto row = from.values.begin(); row != from.values.end(); row += from.steps * from.width) {
    to.values.insert(to.values.end(), static_cast<std::size_t>(zeros), 0.0f);
    to.values.insert(to.values.end(), row, row + kept);
  }
  return to;
}

std::string sentence(Modality m, std::int64_t given, std::int64_t wanted) {
  return fmt::format("{} has {} time steps, and the model was made for {}: {}", name_of(m), given,
                     wanted,
                     given < wanted ? "zeros go before them" : "the first of them are used");
}

// Of other widths it is other data, which no length helps.
bool has_widths_of(const Split& split, const Config& config) {
  return std::ranges::all_of(config.modalities, [&](Modality m) {
    const std::int64_t width = sequence_of(split, m).width, wanted = config.feature_dim(m);
    return width == wanted || width == 0 || wanted == 0;
  });
}

}  // namespace

std::vector<std::string> fit_lengths(Split& split, const Config& config) {
  std::vector<std::string> changes;
  if (!has_widths_of(split, config)) return changes;
  for (const Modality m : config.modalities) {
    if (m == Modality::language && config.text_model) continue;
    Sequence& sequence = sequence_of(split, m);
    const std::int64_t wanted = config.seq_len(m);
    if (wanted == 0 || sequence.steps == wanted || sequence.values.empty()) continue;
    changes.push_back(sentence(m, sequence.steps, wanted));
    sequence = with_steps(sequence, wanted);
  }
  return changes;
}

}  // namespace dmd
