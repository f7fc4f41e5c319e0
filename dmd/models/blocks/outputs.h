// Outputs that models of decoupled features name alike.
#pragma once

#include "dmd/config/modality.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/model_def.h"

namespace dmd {

// "logit_c": the head on the fused irrelevant parts.
Output fused_output(trine::Tensor logits);

// "PART_M": the part of a modality that the unit looks at, a representation.
Output part_output(const GraphUnit& unit, Modality m, trine::Tensor value);

}  // namespace dmd
