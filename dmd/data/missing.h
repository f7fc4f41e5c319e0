// Utterances of which a modality is missing.
#pragma once

#include "dmd/config/config.h"
#include "dmd/config/modality_set.h"
#include "dmd/data/dataset.h"

namespace dmd {

Sequence& sequence_of(Split& split, Modality m);
const Sequence& sequence_of(const Split& split, Modality m);

// Those that the split has features of.
ModalitySet modalities_of(const Split& split);

// Zeros in place of a modality, which is how padding looks in training. Where the split has none,
// they have the configuration's sizes; nothing where the model does not read it.
void drop(Split& split, Modality m, const Config& config);

}  // namespace dmd
