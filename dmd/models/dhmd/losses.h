// Every term of DHMD's training loss, and their sum.
#pragma once

#include <vector>

#include "dmd/models/blocks/decoupling_losses.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/dhmd/keys.h"
#include "dmd/models/dhmd/network.h"
#include "engine/nn/capture.h"

namespace dmd {

// Scalars.
struct DhmdObjective {
  trine::Tensor total;
  trine::Tensor task;  // mean absolute errors of eight heads
  DecouplingLosses parts;
  Distillation homo, hetero;
  trine::Tensor homo_dict, hetero_dict;  // margin losses on what the dictionaries found

  // Every term by its name, the total first, in the order of reports; homo_repr has no part in it.
  std::vector<Loss> terms() const;
};

// labels (B, 1).
DhmdObjective dhmd_objective(trine::nn::Capture& capture, const DhmdOptions& options,
                             const DhmdNetwork& network, trine::Tensor labels);

}  // namespace dmd
