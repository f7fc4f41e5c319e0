// What keeps the decoupled parts of a modality apart and whole (paper equations 2 to 7).
#pragma once

#include "dmd/config/modality_set.h"
#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/decoupling.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/blocks/variant.h"
#include "engine/tensor.h"

namespace dmd {

// Scalars.
struct DecouplingLosses {
  trine::Tensor recon;   // of each modality's reconstruction from its two parts
  trine::Tensor cycle;   // of the exclusive part of the reconstruction
  trine::Tensor ort;     // the two parts are to be orthogonal
  trine::Tensor margin;  // equal labels are to be closer than others
};

// `margin` is the margin loss's.
DecouplingLosses decoupling_losses(const ModalitySet& modalities,
                                   const PerModality<Decoupled>& parts,
                                   const ComparableLabels& labels, Variant variant, float margin);

// What stands in their place where decoupling is left out: zeros.
DecouplingLosses no_decoupling_losses(trine::Graph& graph);

}  // namespace dmd
