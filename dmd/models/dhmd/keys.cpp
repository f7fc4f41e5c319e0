#include "dmd/models/dhmd/keys.h"

#include <iterator>
#include <utility>

namespace dmd {
namespace {

void append(std::vector<Key>& keys, std::vector<Key> more) {
  std::ranges::move(more, std::back_inserter(keys));
}

}  // namespace

std::vector<Key> dhmd_keys() {
  std::vector<Key> keys{
      {.name = "variant",
       .standard = std::string("reference"),
       .range = {},
       .choices = {"reference", "figure"},
       .meaning = "where the program and the paper's figure part, follow reference or figure"}};
  append(keys, branch_keys());
  append(keys, dictionary_keys());
  append(keys, {{.name = "dictionary_lr",
                 .standard = 1e-3,
                 .range = kPositive,
                 .choices = {},
                 .meaning = "Adam's step size at the start for both dictionaries"},
                factor_key("loss_factor", 0.1, "weight of the margin losses on dictionaries")});
  append(keys, loss_weight_keys());
  append(keys, distillation_keys());
  return keys;
}

DhmdVariant dhmd_variant(const Config& config) {
  return config.settings.text("variant") == "figure" ? DhmdVariant::figure : DhmdVariant::program;
}

DhmdOptions dhmd_options(const Config& config) {
  return {.variant = dhmd_variant(config),
          .branches = branch_options(config),
          .dictionary = dictionary_options(config),
          .homo = distillation_options(config, kHomoUnit),
          .hetero = distillation_options(config, kHeteroUnit),
          .weights = loss_weights(config),
          .task = config.task,
          .loss_factor = static_cast<float>(config.settings.real("loss_factor"))};
}

}  // namespace dmd
