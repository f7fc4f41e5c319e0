// The keys of DMD and what they hold.
#pragma once

#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/blocks/loss_weights.h"
#include "dmd/models/blocks/variant.h"

namespace dmd {

struct DmdOptions {
  Variant variant = Variant::reference;
  BranchOptions branches;
  // Ablations: false leaves the part out.
  bool decoupling = true, homo_distillation = true, hetero_distillation = true;
  bool cross_attention = true;
  DistillationOptions homo, hetero;
  LossWeights weights;
  Task task = Task::regression;
};

std::vector<Key> dmd_keys();

DmdOptions dmd_options(const Config& config);

}  // namespace dmd
