#include "dmd/models/dhmd/network.h"

#include "engine/nn/layers.h"
#include "engine/ops/movement.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;

// The layers of irrelevant_head() on features of `width`, for the variant that does not compute
// them; checkpoints hold the same names in both.
void declare_head(Capture& capture, const BranchOptions& branches, Modality m,
                  std::string_view kind, std::int64_t width) {
  const auto declare = [&](std::string_view stem, std::int64_t inputs, std::int64_t outputs) {
    const std::string name = fmt::format("{}_{}_{}", stem, letter_of(m), kind);
    trine::nn::declare_linear(capture, name, inputs, outputs);
  };
  declare("proj1", width, branches.width);
  declare("proj2", branches.width, width);
  declare("out_layer", width, branches.answer_width);
}

Tensor fused(Capture& capture, const std::string& name, Tensor own, const LookUp& found) {
  return trine::nn::linear(capture, name, trine::concat({own, found.vector}, /*axis=*/1),
                           own.dim(1));
}

Tensor side_by_side(const ModalitySet& modalities, const PerModality<Tensor>& values) {
  Tensors joined;
  for (const Modality m : modalities) joined.push_back(values[m]);
  return trine::concat(joined, /*axis=*/1);
}

void split(Capture& capture, const DhmdOptions& options, const PerModality<Tensor>& features,
           DhmdNetwork& network) {
  for (const Modality m : options.branches.modalities) {
    Tensor x = features[m];
    if (m == Modality::language) x = capture.dropout(x, options.branches.text_dropout);
    network.parts[m] = decouple(capture, m, project(capture, options.branches, m, x));
  }
}

void add_irrelevant(Capture& capture, const DhmdOptions& options, Modality m,
                    DhmdNetwork& network) {
  const BranchOptions& branches = options.branches;
  const Tensor irrelevant = network.parts[m].irrelevant;
  const Tensor flat = flattened(irrelevant);
  const LookUp found = look_up(capture, "homo_dict", options.dictionary, m, irrelevant);
  if (options.variant == DhmdVariant::figure) {
    network.homo[m] = irrelevant_head(capture, branches, m, flat);
    declare_head(capture, branches, m, "low_dict", branches.width);
  } else {
    network.homo[m] = irrelevant_head(capture, branches, m, found.vector, "low_dict");
    declare_head(capture, branches, m, "low", flat.dim(1));
  }
  const Tensor last = irrelevant_memory(capture, branches, m, irrelevant);
  network.irrelevant_fused[m] = fused(capture, named("proj_{}_fusion_c", m), last, found);
  network.irrelevant_last[m] = last;
  network.homo_found[m] = found;
}

void add_exclusive(Capture& capture, const DhmdOptions& options, Modality m, DhmdNetwork& network) {
  const BranchOptions& branches = options.branches;
  const Tensor memory = exclusive_memory(capture, branches, m, network.parts,
                                         /*cross_attention=*/true, Steps::all);
  const Tensor last = select_index(memory, 1, -1);
  const LookUp found = look_up(capture, "hetero_dict", options.dictionary, m, memory);
  network.hetero[m] = exclusive_logits(capture, branches, m, last);
  network.exclusive_fused[m] = fused(capture, named("proj_{}_fusion_s", m), last, found);
  network.exclusive_last[m] = last;
  network.hetero_found[m] = found;
  declare_head(capture, branches, m, "high_sd", branches.width);  // unused in both variants
}

}  // namespace

DhmdNetwork dhmd_network(Capture& capture, const DhmdOptions& options,
                         const PerModality<Tensor>& features) {
  DhmdNetwork network;
  split(capture, options, features, network);
  for (const Modality m : options.branches.modalities) add_irrelevant(capture, options, m, network);
  for (const Modality m : options.branches.modalities) add_exclusive(capture, options, m, network);
  network.logits_c =
      irrelevant_logits(capture, options.branches,
                        side_by_side(options.branches.modalities, network.irrelevant_last));
  network.output =
      output_logits(capture, options.branches, network.exclusive_fused,
                    side_by_side(options.branches.modalities, network.irrelevant_fused));
  return network;
}

}  // namespace dmd
