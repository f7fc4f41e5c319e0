#include "dmd/model/losses.h"

#include "dmd/model/cosine.h"
#include "dmd/model/margin_loss.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;

// Paper section 4: lambda_1, lambda_2 and gamma.
constexpr float kDistillationWeight = 0.05f;
constexpr float kDecouplingWeight = 0.1f;
constexpr float kSeparationWeight = 0.1f;

Tensor task_loss(const Outputs& out, Tensor labels, Variant variant) {
  Tensors heads{out.output};
  if (variant == Variant::reference) {
    for (const Head& head : out.homo) heads.push_back(head.logits);
    for (const ExclusiveHead& exclusive : out.hetero) heads.push_back(exclusive.head.logits);
    heads.push_back(out.logits_c);
  }
  const Tensor errors = abs(trine::concat(heads, /*axis=*/1) - labels);  // (B, heads)
  return sum(mean(errors, {0}));
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

void add_decoupling(Losses& losses, const PerModality<Decoupled>& parts, Tensor labels,
                    Variant variant) {
  PerModality<Tensor> aligned;
  for (const Modality m : kModalities) {
    losses.recon = losses.recon + reconstruction_loss(parts[m]);
    losses.cycle = losses.cycle + cycle_loss(parts[m]);
    losses.ort = losses.ort + orthogonality_loss(parts[m], variant);
    aligned[m] = parts[m].aligned;
  }
  losses.margin = margin_loss(aligned, labels, variant);
}

Tensor total_of(const Losses& l, Variant variant) {
  Tensor homo = l.homo_logit + l.homo_reg;
  if (variant == Variant::paper) homo = homo + l.homo_repr;
  const Tensor hetero = l.hetero_logit + l.hetero_repr + l.hetero_reg;
  const Tensor decoupling = l.cycle + l.recon + (l.margin + l.ort) * kSeparationWeight;
  return l.task + (homo + hetero) * kDistillationWeight + decoupling * kDecouplingWeight;
}

PerModality<Head> heads_of(const PerModality<ExclusiveHead>& exclusive) {
  PerModality<Head> heads;
  for (const Modality m : kModalities) heads[m] = exclusive[m].head;
  return heads;
}

}  // namespace

Objective objective(Capture& capture, const Config& config, const Outputs& outputs, Tensor labels) {
  const auto distilled = [&](bool wanted, const GraphUnit& unit, const PerModality<Head>& heads) {
    return wanted ? distil(capture, unit, config.variant, heads)
                  : no_distillation(capture.graph(), labels.dim(0));
  };
  Objective result;
  result.homo = distilled(config.homo_distillation, kHomoUnit, outputs.homo);
  result.hetero = distilled(config.hetero_distillation, kHeteroUnit, heads_of(outputs.hetero));

  Losses& losses = result.losses;
  losses.task = task_loss(outputs, labels, config.variant);
  losses.recon = losses.cycle = losses.ort = losses.margin = fill(capture.graph(), {}, 0.0f);
  if (config.decoupling) add_decoupling(losses, outputs.parts, labels, config.variant);
  losses.homo_reg = result.homo.reg;
  losses.homo_logit = result.homo.logit;
  losses.homo_repr = result.homo.representation;
  losses.hetero_reg = result.hetero.reg;
  losses.hetero_logit = result.hetero.logit;
  losses.hetero_repr = result.hetero.representation;
  losses.total = total_of(losses, config.variant);
  return result;
}

}  // namespace dmd
