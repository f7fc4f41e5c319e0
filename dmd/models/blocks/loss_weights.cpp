#include "dmd/models/blocks/loss_weights.h"

namespace dmd {

Key factor_key(std::string_view name, double standard, std::string_view meaning) {
  return {
      .name = name, .standard = standard, .range = kNotNegative, .choices = {}, .meaning = meaning};
}

std::vector<Key> loss_weight_keys() {
  return {factor_key("distillation_weight", 0.05, "weight of both graph distillation units"),
          factor_key("decoupling_weight", 0.1, "weight of the losses of decoupling"),
          factor_key("separation_weight", 0.1,
                     "weight of margin and orthogonality within the losses of decoupling"),
          factor_key("margin", 0.15,
                     "margin between labels that are 1 apart (variant paper: that differ)")};
}

LossWeights loss_weights(const Config& config) {
  const auto factor = [&](std::string_view key) {
    return static_cast<float>(config.settings.real(key));
  };
  return {.distillation = factor("distillation_weight"),
          .decoupling = factor("decoupling_weight"),
          .separation = factor("separation_weight"),
          .margin = factor("margin")};
}

}  // namespace dmd
