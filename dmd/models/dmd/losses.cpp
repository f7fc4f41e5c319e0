#include "dmd/models/dmd/losses.h"

#include "dmd/models/blocks/cosine.h"
#include "dmd/models/blocks/margin_loss.h"
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
  Tensors heads{out.output};
  if (options.variant == Variant::reference) {
    for (const Head& head : out.homo) heads.push_back(head.logits);
    for (const ExclusiveHead& exclusive : out.hetero) heads.push_back(exclusive.head.logits);
    heads.push_back(out.logits_c);
  }
  return task_loss(options.task, heads, labels);
}

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

void add_decoupling(DmdLosses& losses, const PerModality<Decoupled>& parts, Tensor labels,
                    const DmdOptions& options) {
  PerModality<Tensor> aligned;
  for (const Modality m : kModalities) {
    losses.recon = losses.recon + reconstruction_loss(parts[m]);
    losses.cycle = losses.cycle + cycle_loss(parts[m]);
    losses.ort = losses.ort + orthogonality_loss(parts[m], options.variant);
    aligned[m] = parts[m].aligned;
  }
  const ComparableLabels compared = comparable_labels(options.task, labels);
  losses.margin =
      margin_loss(aligned, compared.values, options.variant, options.margin, compared.scale);
}

Tensor total_of(const DmdObjective& objective, const DmdOptions& options) {
  const auto& [l, homo_unit, hetero_unit] = objective;
  Tensor homo = homo_unit.logit + homo_unit.reg;
  if (options.variant == Variant::paper) homo = homo + homo_unit.representation;
  const Tensor hetero = hetero_unit.logit + hetero_unit.representation + hetero_unit.reg;
  const Tensor decoupling = l.cycle + l.recon + (l.margin + l.ort) * options.separation_weight;
  return l.task + (homo + hetero) * options.distillation_weight +
         decoupling * options.decoupling_weight;
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
          {"recon", losses.recon},
          {"cycle", losses.cycle},
          {"ort", losses.ort},
          {"margin", losses.margin},
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
                                          : no_distillation(capture.graph(), batch);
  result.hetero = options.hetero_distillation
                      ? distil(capture, kHeteroUnit, options.hetero, heads_of(network.hetero))
                      : no_distillation(capture.graph(), batch);

  DmdLosses& losses = result.losses;
  losses.task = loss_of_heads(network, labels, options);
  losses.recon = losses.cycle = losses.ort = losses.margin = fill(capture.graph(), {}, 0.0f);
  if (options.decoupling) add_decoupling(losses, network.parts, labels, options);
  losses.total = total_of(result, options);
  return result;
}

}  // namespace dmd
