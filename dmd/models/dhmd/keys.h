// The keys of DHMD and what they hold.
#pragma once

#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/blocks/dictionary.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/blocks/loss_weights.h"

namespace dmd {

// What the irrelevant branch's heads and its graph distillation unit see, and whether units learn.
enum class DhmdVariant {
  program,  // `reference`: what the dictionary found; units stay as they start
  figure,   // the features themselves, as the paper's figure draws it; units learn
};

struct DhmdOptions {
  DhmdVariant variant = DhmdVariant::program;
  BranchOptions branches;
  DictionaryOptions dictionary;
  DistillationOptions homo, hetero;
  LossWeights weights;
  Task task = Task::regression;
  float loss_factor = 0;  // of the margin losses on what the dictionaries found
};

std::vector<Key> dhmd_keys();

DhmdVariant dhmd_variant(const Config& config);
DhmdOptions dhmd_options(const Config& config);

}  // namespace dmd
