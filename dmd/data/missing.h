// Utterances of which a modality is missing.
#pragma once

#include "dmd/config/modality.h"
#include "dmd/data/dataset.h"

namespace dmd {

Sequence& sequence_of(Split& split, Modality m);

// Zeros in place of a modality, which is how padding looks in training.
void drop(Split& split, Modality m);

}  // namespace dmd
