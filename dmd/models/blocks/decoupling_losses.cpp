#include "dmd/models/blocks/decoupling_losses.h"

#include "dmd/models/blocks/cosine.h"
#include "dmd/models/blocks/margin_loss.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"

namespace dmd {
namespace {

using trine::Tensor;

Tensor reconstruction_loss(const Decoupled& part) {
  return mean(square(part.input - part.reconstruction));
}

Tensor cycle_loss(const Decoupled& part) {
  return mean(square(part.exclusive - part.exclusive_again));
}

// The authors' program takes the cosine over the samples of a batch, for each time step and
// channel, and lets negative ones be; the paper takes it over channels.
Tensor orthogonality_loss(const Decoupled& part, Variant variant) {
  return variant == Variant::paper ? mean(cosine(part.exclusive, part.irrelevant, 2))
                                   : mean(relu(cosine(part.exclusive, part.irrelevant, 0)));
}

}  // namespace

DecouplingLosses decoupling_losses(const ModalitySet& modalities,
                                   const PerModality<Decoupled>& parts,
                                   const ComparableLabels& labels, Variant variant, float margin) {
  DecouplingLosses losses = no_decoupling_losses(labels.values.graph());
  trine::Tensors aligned;
  for (const Modality m : modalities) {
    losses.recon = losses.recon + reconstruction_loss(parts[m]);
    losses.cycle = losses.cycle + cycle_loss(parts[m]);
    losses.ort = losses.ort + orthogonality_loss(parts[m], variant);
    aligned.push_back(parts[m].aligned);
  }
  losses.margin = margin_loss(aligned, labels.values, variant, margin, labels.scale);
  return losses;
}

DecouplingLosses no_decoupling_losses(trine::Graph& graph) {
  const Tensor zero = fill(graph, {}, 0.0f);
  return {zero, zero, zero, zero};
}

}  // namespace dmd
