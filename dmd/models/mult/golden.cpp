#include "dmd/models/mult/golden.h"

#include "dmd/models/blocks/cross_modal.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/mult/network.h"
#include "engine/ops/views.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;

void capture_mult_golden(Capture& capture, const Config& config, const Inputs& inputs) {
  const MultOptions options = mult_options(config);
  const MultNetwork network = mult_network(capture, options, inputs.features, MemorySteps::all);
  const auto fetch = [&](std::string_view name, Tensor value) {
    capture.graph().fetch(fmt::format("forward.{}", name), value);
  };
  // Sequences are (N, B, ...) there.
  const auto fetch_sequence = [&](std::string_view name, Tensor value) {
    fetch(name, transpose(value, 0, 1));
  };
  for (const Modality m : config.modalities)
    fetch_sequence(named("proj_{}", m), network.projected[m]);
  for (const MultTarget& target : network.targets) {
    const Modality m = target.modality;
    for (std::size_t i = 0; i < target.answers.size(); ++i)
      fetch_sequence(answer_name(m, others(options.branches, m)[i]), target.answers[i]);
    fetch_sequence(named("trans_{}_mem", m), target.memory);
    fetch(named("last_h_{}", m), target.last);
  }
  fetch("last_hs", network.joined);
  fetch("output_logit", network.output);
  capture.graph().fetch("loss.total", task_loss(config.task, network.output, inputs.labels));
}

}  // namespace dmd
