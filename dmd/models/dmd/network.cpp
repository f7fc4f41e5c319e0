#include "dmd/models/dmd/network.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;

DmdNetwork dmd_network(Capture& capture, const DmdOptions& options,
                       const PerModality<Tensor>& features) {
  const BranchOptions& branches = options.branches;
  DmdNetwork network;
  for (const Modality m : branches.modalities) {
    Tensor x = features[m];
    if (m == Modality::language) x = capture.dropout(x, branches.text_dropout);
    const Tensor projected = project(capture, branches, m, x);
    network.parts[m] =
        options.decoupling ? decouple(capture, m, projected) : not_decoupled(projected);
  }
  for (const Modality m : branches.modalities)
    network.homo[m] = irrelevant_head(capture, branches, m, flattened(network.parts[m].irrelevant));
  for (const Modality m : branches.modalities)
    network.hetero[m] =
        exclusive_head(capture, branches, m, network.parts, options.cross_attention);
  const Tensor fused = fused_irrelevant(capture, branches, network.parts);
  network.logits_c = irrelevant_logits(capture, branches, fused);
  PerModality<Tensor> lasts;
  for (const Modality m : branches.modalities) lasts[m] = network.hetero[m].last;
  network.output = output_logits(capture, branches, lasts, fused);
  return network;
}

}  // namespace dmd
