#include "dmd/models/dhmd/losses.h"

#include "dmd/models/blocks/margin_loss.h"
#include "dmd/models/blocks/task.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;

Tensor loss_of_heads(const DhmdOptions& options, const DhmdNetwork& out, Tensor labels) {
  const ModalitySet& modalities = options.branches.modalities;
  Tensors heads{out.output};
  for (const Modality m : modalities) heads.push_back(out.homo[m].logits);
  for (const Modality m : modalities) heads.push_back(out.hetero[m].logits);
  heads.push_back(out.logits_c);
  return task_loss(options.task, heads, labels);
}

// Vectors that modalities of equal labels found are to be closer than others.
Tensor found_loss(const ModalitySet& modalities, const PerModality<LookUp>& found,
                  const ComparableLabels& labels, float margin) {
  Tensors vectors;
  for (const Modality m : modalities) vectors.push_back(found[m].vector);
  return margin_loss(vectors, labels.values, Variant::reference, margin, labels.scale);
}

Tensor total_of(const DhmdObjective& l, const DhmdOptions& options) {
  const LossWeights& weights = options.weights;
  const Tensor homo = l.homo.logit + l.homo.reg;
  const Tensor hetero = l.hetero.logit + l.hetero.representation + l.hetero.reg;
  const Tensor decoupling =
      l.parts.cycle + l.parts.recon + (l.parts.margin + l.parts.ort) * weights.separation;
  return l.task + (homo + hetero) * weights.distillation + decoupling * weights.decoupling +
         (l.homo_dict + l.hetero_dict) * options.loss_factor;
}

}  // namespace

std::vector<Loss> DhmdObjective::terms() const {
  return {{"total", total},
          {"task", task},
          {"recon", parts.recon},
          {"cycle", parts.cycle},
          {"ort", parts.ort},
          {"margin", parts.margin},
          {"homo_reg", homo.reg},
          {"homo_logit", homo.logit},
          {"homo_repr", homo.representation},
          {"hetero_reg", hetero.reg},
          {"hetero_logit", hetero.logit},
          {"hetero_repr", hetero.representation},
          {"homo_dict", homo_dict},
          {"hetero_dict", hetero_dict}};
}

DhmdObjective dhmd_objective(Capture& capture, const DhmdOptions& options,
                             const DhmdNetwork& network, Tensor labels) {
  const float margin = options.weights.margin;
  const ModalitySet& modalities = options.branches.modalities;
  const ComparableLabels compared = comparable_labels(options.task, labels);
  DhmdObjective result;
  result.task = loss_of_heads(options, network, labels);
  result.parts = decoupling_losses(modalities, network.parts, compared, Variant::reference, margin);
  result.homo = distil(capture, kHomoUnit, options.homo, network.homo);
  result.hetero = distil(capture, kHeteroUnit, options.hetero, network.hetero);
  result.homo_dict = found_loss(modalities, network.homo_found, compared, margin);
  result.hetero_dict = found_loss(modalities, network.hetero_found, compared, margin);
  result.total = total_of(result, options);
  return result;
}

}  // namespace dmd
