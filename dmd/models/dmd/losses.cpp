#include "dmd/models/dmd/losses.h"

#include "dmd/models/blocks/task.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;

Tensor loss_of_heads(const DmdNetwork& out, Tensor labels, const DmdOptions& options) {
  const ModalitySet& modalities = options.branches.modalities;
  Tensors heads{out.output};
  if (options.variant == Variant::reference) {
    for (const Modality m : modalities) heads.push_back(out.homo[m].logits);
    for (const Modality m : modalities) heads.push_back(out.hetero[m].head.logits);
    heads.push_back(out.logits_c);
  }
  return task_loss(options.task, heads, labels);
}

Tensor total_of(const DmdObjective& objective, const DmdOptions& options) {
  const auto& [l, homo_unit, hetero_unit] = objective;
  const DecouplingLosses& parts = l.parts;
  Tensor homo = homo_unit.logit + homo_unit.reg;
  if (options.variant == Variant::paper) homo = homo + homo_unit.representation;
  const Tensor hetero = hetero_unit.logit + hetero_unit.representation + hetero_unit.reg;
  const Tensor decoupling =
      parts.cycle + parts.recon + (parts.margin + parts.ort) * options.weights.separation;
  return l.task + (homo + hetero) * options.weights.distillation +
         decoupling * options.weights.decoupling;
}

PerModality<Head> heads_of(const PerModality<ExclusiveHead>& exclusive) {
  PerModality<Head> heads;
  for (const Modality m : kModalities) heads[m] = exclusive[m].head;
  return heads;
}

}  // namespace

std::vector<Loss> DmdObjective::terms() const {
  return {{"total", losses.total},
          {"task", losses.task},
          {"recon", losses.parts.recon},
          {"cycle", losses.parts.cycle},
          {"ort", losses.parts.ort},
          {"margin", losses.parts.margin},
          {"homo_reg", homo.reg},
          {"homo_logit", homo.logit},
          {"homo_repr", homo.representation},
          {"hetero_reg", hetero.reg},
          {"hetero_logit", hetero.logit},
          {"hetero_repr", hetero.representation}};
}

DmdObjective dmd_objective(Capture& capture, const DmdOptions& options, const DmdNetwork& network,
                           Tensor labels) {
  const std::int64_t batch = labels.dim(0);
  DmdObjective result;
  result.homo = options.homo_distillation ? distil(capture, kHomoUnit, options.homo, network.homo)
                                          : no_distillation(capture.graph(), options.homo, batch);
  result.hetero = options.hetero_distillation
                      ? distil(capture, kHeteroUnit, options.hetero, heads_of(network.hetero))
                      : no_distillation(capture.graph(), options.hetero, batch);

  DmdLosses& losses = result.losses;
  losses.task = loss_of_heads(network, labels, options);
  losses.parts = options.decoupling ? decoupling_losses(options.branches.modalities, network.parts,
                                                        comparable_labels(options.task, labels),
                                                        options.variant, options.weights.margin)
                                    : no_decoupling_losses(capture.graph());
  losses.total = total_of(result, options);
  return result;
}

}  // namespace dmd
