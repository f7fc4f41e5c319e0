// Every term of DMD's training loss (paper section 3.3), and their sum.
#pragma once

#include <vector>

#include "dmd/models/blocks/decoupling_losses.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/dmd/keys.h"
#include "dmd/models/dmd/network.h"
#include "engine/nn/capture.h"

namespace dmd {

// Scalars. A term that an ablation or the variant leaves out is 0.
struct DmdLosses {
  trine::Tensor total;
  trine::Tensor task;  // blocks/task.h: of eight heads; in the paper, of the output alone
  DecouplingLosses parts;
};

struct DmdObjective {
  DmdLosses losses;
  Distillation homo, hetero;

  // Every term by its name, the total first, in the order of reports. Of homo_repr only the paper's
  // variant has a part in the total.
  std::vector<Loss> terms() const;
};

// labels (B, label width).
DmdObjective dmd_objective(trine::nn::Capture& capture, const DmdOptions& options,
                           const DmdNetwork& network, trine::Tensor labels);

}  // namespace dmd
