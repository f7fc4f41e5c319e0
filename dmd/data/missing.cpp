#include "dmd/data/missing.h"

#include <algorithm>
#include <array>

namespace dmd {

namespace {

constexpr Sequence Split::*place_of(Modality m) {
  constexpr std::array places{&Split::text, &Split::vision, &Split::audio};
  return places[index_of(m)];
}

}  // namespace

Sequence& sequence_of(Split& split, Modality m) { return split.*place_of(m); }
const Sequence& sequence_of(const Split& split, Modality m) { return split.*place_of(m); }

ModalitySet modalities_of(const Split& split) {
  ModalitySet there;
  for (const Modality m : kModalities)
    if (sequence_of(split, m).width > 0) there.add(m);
  return there;
}

void drop(Split& split, Modality m, const Config& config) {
  Sequence& sequence = sequence_of(split, m);
  if (sequence.width == 0 && config.reads(m)) {
    sequence = {split.size(), config.seq_len(m), config.feature_dim(m), {}};
    sequence.values.resize(static_cast<std::size_t>(sequence.n * sequence.steps * sequence.width));
  }
  std::ranges::fill(sequence.values, 0.0f);
}

}  // namespace dmd
