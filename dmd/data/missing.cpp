#include "dmd/data/missing.h"

#include <algorithm>

namespace dmd {

Sequence& sequence_of(Split& split, Modality m) {
  switch (m) {
    case Modality::language:
      return split.text;
    case Modality::vision:
      return split.vision;
    case Modality::audio:
      break;
  }
  return split.audio;
}

void drop(Split& split, Modality m) { std::ranges::fill(sequence_of(split, m).values, 0.0f); }

}  // namespace dmd
