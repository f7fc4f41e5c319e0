#include "dmd/models/dmd/keys.h"

#include <iterator>
#include <utility>

namespace dmd {
namespace {

Key flag(std::string_view name, std::string_view meaning) {
  return {.name = name, .standard = true, .range = {}, .choices = {}, .meaning = meaning};
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
          flag("cross_attention", "let modalities attend to each other in the exclusive branch")});
  append(keys, loss_weight_keys());
  append(keys, distillation_keys());
  return keys;
}

DmdOptions dmd_options(const Config& config) {
  const Settings& keys = config.settings;
  return {.variant = variant_of(config),
          .branches = branch_options(config),
          .decoupling = keys.flag("decoupling"),
          .homo_distillation = keys.flag("homo_distillation"),
          .hetero_distillation = keys.flag("hetero_distillation"),
          .cross_attention = keys.flag("cross_attention"),
          .homo = distillation_options(config, kHomoUnit),
          .hetero = distillation_options(config, kHeteroUnit),
          .weights = loss_weights(config),
          .task = config.task};
}

}  // namespace dmd
