#include "dmd/models/blocks/outputs.h"

namespace dmd {

using trine::Tensor;

Output fused_output(Tensor logits) {
  return named_output("logit_c", OutputKind::head,
                      "what the fused common parts of all modalities say", logits);
}

Output part_output(const GraphUnit& unit, Modality m, Tensor value) {
  return named_output(fmt::format("{}_{}", unit.part, letter_of(m)), OutputKind::representation,
                      fmt::format("the {} part of {}: time steps, channels", unit.part, name_of(m)),
                      value);
}

}  // namespace dmd
