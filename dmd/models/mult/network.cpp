#include "dmd/models/mult/network.h"

#include "dmd/models/blocks/cross_modal.h"
#include "dmd/models/blocks/decoupling.h"
#include "engine/nn/layers.h"
#include "engine/ops/movement.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;

constexpr std::array kStacked{Modality::language, Modality::audio, Modality::vision};

std::string memory_name(Modality m) { return named("trans_{}_mem", m); }

// A modality that is alone got no answers: it remembers itself.
void remember(Capture& capture, const BranchOptions& branches, MemorySteps steps, Tensor own,
              MultTarget& target) {
  auto options = memory_options(branches);
  options.last_step_only = steps == MemorySteps::last;
  const Tensor heard = target.answers.empty() ? own : trine::concat(target.answers, /*axis=*/2);
  const Tensor seen = transformer(capture, memory_name(target.modality), heard, options);
  if (steps == MemorySteps::all) target.memory = seen;
  target.last = squeeze(slice(seen, 1, -1, seen.dim(1)), 1);
}

MultTarget ask(Capture& capture, const BranchOptions& branches, Modality m,
               const PerModality<Tensor>& projected, MemorySteps steps) {
  MultTarget target{.modality = m, .answers = {}, .memory = {}, .last = {}};
  for (const Modality other : others(branches, m))
    target.answers.push_back(answer(capture, branches, m, other, projected));
  remember(capture, branches, steps, projected[m], target);
  return target;
}

}  // namespace

MultNetwork mult_network(Capture& capture, const MultOptions& options,
                         const PerModality<Tensor>& features, MemorySteps steps) {
  const BranchOptions& branches = options.branches;
  MultNetwork network;
  for (const Modality m : branches.modalities) {
    Tensor x = features[m];
    if (m == Modality::language) x = capture.dropout(x, branches.text_dropout);
    network.projected[m] = project(capture, branches, m, x);
  }
  Tensors lasts;
  for (const Modality m : kStacked) {
    if (!branches.modalities.contains(m)) continue;
    if (options.asks(m)) {
      network.targets.push_back(ask(capture, branches, m, network.projected, steps));
      lasts.push_back(network.targets.back().last);
    } else {  // the program stores it all the same
      declare_transformer(capture, memory_name(m), memory_width(branches, m),
                          memory_options(branches));
    }
  }
  network.joined = trine::concat(lasts, /*axis=*/1);
  const Tensor joined = residual_block(capture, branches, "proj1", "proj2", network.joined);
  network.output = trine::nn::linear(capture, "out_layer", joined, branches.answer_width);
  return network;
}

}  // namespace dmd
