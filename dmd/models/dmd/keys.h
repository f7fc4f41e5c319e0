// The keys of DMD and what they hold.
#pragma once

#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/blocks/variant.h"

namespace dmd {

struct DmdOptions {
  Variant variant = Variant::reference;
  BranchOptions branches;
  // Ablations: false leaves the part out.
  bool decoupling = true, homo_distillation = true, hetero_distillation = true;
  bool cross_attention = true;
  DistillationOptions homo, hetero;
  // Paper section 4: lambda_1, lambda_2 and gamma.
  float distillation_weight = 0, decoupling_weight = 0, separation_weight = 0;
  float margin = 0;  // of the margin loss
  Task task = Task::regression;
};

std::vector<Key> dmd_keys();

DmdOptions dmd_options(const Config& config);

}  // namespace dmd
