// Weights of the loss terms that DMD and its descendants share (DMD's paper, section 4: lambda_1,
// lambda_2 and gamma), and the margin of the margin loss.
#pragma once

#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/settings.h"

namespace dmd {

struct LossWeights {
  float distillation = 0, decoupling = 0, separation = 0;
  float margin = 0;
};

// A row for ModelDef::keys: a number from 0.
Key factor_key(std::string_view name, double standard, std::string_view meaning);

// Rows for ModelDef::keys; the defaults are those of the authors' program.
std::vector<Key> loss_weight_keys();

LossWeights loss_weights(const Config& config);

}  // namespace dmd
