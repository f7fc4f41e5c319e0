#include "dmd/models/dmd/keys.h"

#include <iterator>
#include <utility>

namespace dmd {
namespace {

Key flag(std::string_view name, std::string_view meaning) {
  return {.name = name, .standard = true, .range = {}, .choices = {}, .meaning = meaning};
}

Key factor(std::string_view name, double standard, std::string_view meaning) {
  return {
      .name = name, .standard = standard, .range = kNotNegative, .choices = {}, .meaning = meaning};
}

void append(std::vector<Key>& keys, std::vector<Key> more) {
  std::ranges::move(more, std::back_inserter(keys));
}

}  // namespace

std::vector<Key> dmd_keys() {
  std::vector<Key> keys{variant_key()};
  append(keys, branch_keys());
  append(keys,
         {flag("decoupling", "split each modality into an irrelevant and an exclusive part"),
          flag("homo_distillation", "distil between the irrelevant parts"),
          flag("hetero_distillation", "distil between the exclusive parts"),
          flag("cross_attention", "let modalities attend to each other in the exclusive branch"),
          factor("distillation_weight", 0.05, "weight of both graph distillation units"),
          factor("decoupling_weight", 0.1, "weight of the losses of decoupling"),
          factor("separation_weight", 0.1,
                 "weight of margin and orthogonality within the losses of decoupling"),
          factor("margin", 0.15,
                 "margin between labels that are 1 apart (variant paper: that differ)")});
  append(keys, distillation_keys());
  return keys;
}

DmdOptions dmd_options(const Config& config) {
  const Settings& keys = config.settings;
  const auto factor_of = [&](std::string_view key) { return static_cast<float>(keys.real(key)); };
  return {.variant = variant_of(config),
          .branches = branch_options(config),
          .decoupling = keys.flag("decoupling"),
          .homo_distillation = keys.flag("homo_distillation"),
          .hetero_distillation = keys.flag("hetero_distillation"),
          .cross_attention = keys.flag("cross_attention"),
          .homo = distillation_options(config, kHomoUnit),
          .hetero = distillation_options(config, kHeteroUnit),
          .distillation_weight = factor_of("distillation_weight"),
          .decoupling_weight = factor_of("decoupling_weight"),
          .separation_weight = factor_of("separation_weight"),
          .margin = factor_of("margin"),
          .task = config.task};
}

}  // namespace dmd
