#include "dmd/models/blocks/decoupling.h"

#include "dmd/config/per_modality.h"
#include "engine/nn/layers.h"
#include "engine/ops/movement.h"
#include "engine/ops/views.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;
using trine::nn::conv1d;
using trine::nn::linear;

Tensor project(Capture& capture, const BranchOptions& branches, Modality m, Tensor features) {
  const std::string name = named("proj_{}", m);
  const std::int64_t d = branches.width;
  const trine::nn::Conv1dOptions options{.kernel = branches.kernels[m], .bias = false};
  if (features.dim(2) != d) return conv1d(capture, name, features, d, options);
  trine::nn::declare_conv1d(capture, name, d, d, options);  // checkpoints hold it all the same
  return features;
}

Decoupled not_decoupled(Tensor x) { return {.input = x, .exclusive = x, .irrelevant = x}; }

Decoupled decouple(Capture& capture, Modality m, Tensor x) {
  const std::int64_t d = x.dim(2);
  const auto encode = [&](const std::string& name, Tensor input) {
    return conv1d(capture, name, input, d, {.kernel = 1, .bias = false});
  };
  const std::string own_encoder = named("encoder_s_{}", m);
  const Tensor exclusive = encode(own_encoder, x);
  const Tensor irrelevant = encode("encoder_c", x);  // one encoder for the three modalities
  const Tensor reconstruction =
      encode(named("decoder_{}", m), trine::concat({exclusive, irrelevant}, /*axis=*/2));

  // Checkpoints hold this layer, and neither a loss nor an output reads it.
  trine::nn::declare_linear(capture, named("proj_cosine_{}", m), d * x.dim(1), d);

  return {.input = x,
          .exclusive = exclusive,
          .irrelevant = irrelevant,
          .reconstruction = reconstruction,
          .exclusive_again = encode(own_encoder, reconstruction),
          // The one layer whose checkpoints flatten channels first.
          .aligned = linear(capture, named("align_c_{}", m), flattened(transpose(irrelevant)), d)};
}

Tensor flattened(Tensor sequence) {
  return reshape(sequence, {sequence.dim(0), sequence.dim(1) * sequence.dim(2)});
}

}  // namespace dmd
