#include "dmd/models/blocks/cross_modal.h"

#include <algorithm>

#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;
using trine::nn::linear;
using trine::nn::TransformerOptions;

namespace {

constexpr std::int64_t kLeastMemoryLevels = 3;

}  // namespace

TransformerOptions transformer_options(const BranchOptions& branches, Modality keys) {
  return {.heads = branches.heads,
          .levels = branches.levels,
          .attention_dropout = branches.attention_dropout[keys],
          .relu_dropout = branches.relu_dropout,
          .residual_dropout = branches.residual_dropout,
          .embed_dropout = branches.embed_dropout,
          .causal = branches.causal};
}

TransformerOptions memory_options(const BranchOptions& branches) {
  // MulT's program, which DMD's follows, gives language's rate to all three.
  TransformerOptions options = transformer_options(branches, Modality::language);
  options.levels = std::max(options.levels, kLeastMemoryLevels);
  return options;
}

std::vector<Modality> others(const BranchOptions& branches, Modality target) {
  // Text before all, audio before vision: the order of the authors' programs.
  std::vector<Modality> found;
  for (const Modality m : {Modality::language, Modality::audio, Modality::vision})
    if (m != target && branches.modalities.contains(m)) found.push_back(m);
  return found;
}

std::int64_t memory_width(const BranchOptions& branches, Modality target) {
  const auto asked = static_cast<std::int64_t>(others(branches, target).size());
  return std::max<std::int64_t>(asked, 1) * branches.width;
}

std::string answer_name(Modality target, Modality other) {
  return fmt::format("trans_{}_with_{}", letter_of(target), letter_of(other));
}

Tensor answer(Capture& capture, const BranchOptions& branches, Modality target, Modality other,
              const PerModality<Tensor>& sequences) {
  return trine::nn::cross_transformer(capture, answer_name(target, other), sequences[target],
                                      sequences[other], transformer_options(branches, other));
}

Tensor residual_block(Capture& capture, const BranchOptions& branches, const std::string& down,
                      const std::string& up, Tensor x) {
  const Tensor hidden = relu(linear(capture, down, x, x.dim(1)));
  return x + linear(capture, up, capture.dropout(hidden, branches.output_dropout), x.dim(1));
}

}  // namespace dmd
