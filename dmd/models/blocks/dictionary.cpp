#include "dmd/models/blocks/dictionary.h"

#include <cmath>

#include <fmt/format.h>

#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/reduce.h"
#include "engine/ops/softmax.h"
#include "engine/ops/sparsemax.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

// ln(1 / 0.07), what CLIP starts its scale of logits with.
constexpr float kLogitScale = 2.6592600f;
constexpr float kLeastLength = 1e-10f;

std::string_view query_name(Modality m) {
  switch (m) {
    case Modality::language:
      return "txt_query_model";
    case Modality::vision:
      return "img_query_model";
    case Modality::audio:
      break;
  }
  return "acoustic_query_model";
}

Tensor query(Capture& capture, Modality m, Tensor x) {
  const trine::Scope network(capture.graph(), query_name(m));
  const trine::Scope map(capture.graph(), "q_map");
  const std::int64_t width = x.dim(-1);
  const Tensor hidden = gelu(linear(capture, "1", layer_norm(capture, "0", x), width));
  return linear(capture, "4", layer_norm(capture, "3", hidden), width);
}

Tensor pooled(Tensor scores, StepPool pool) {
  switch (pool) {
    case StepPool::mean:
      return mean(scores, {1});
    case StepPool::sum:
      return sum(scores, {1});
    case StepPool::max:
      break;
  }
  // As in PyTorch: equal padding steps make ties common.
  return first_max(scores, 1);
}

Tensor shares_of(Tensor scores, AtomShares shares) {
  switch (shares) {
    case AtomShares::softmax:
      return softmax(scores);
    case AtomShares::sigmoid:
      return sigmoid(scores);
    case AtomShares::sparsemax:
      break;
  }
  return sparsemax(scores);
}

AtomShares shares_named(std::string_view name) {
  if (name == "softmax") return AtomShares::softmax;
  return name == "sigmoid" ? AtomShares::sigmoid : AtomShares::sparsemax;
}

StepPool pool_named(std::string_view name) {
  if (name == "mean") return StepPool::mean;
  return name == "sum" ? StepPool::sum : StepPool::max;
}

// Checkpoints hold these, and nothing reads them.
void declare_scales(Capture& capture) {
  for (const char* name : {"logit_scale", "logit_scale_sd"})
    capture.parameter(name, {1}, {kLogitScale, kLogitScale});
}

}  // namespace

std::vector<Key> dictionary_keys() {
  return {
      {.name = "sd_num",
       .standard = std::int64_t{512},
       .range = kSize,
       .choices = {},
       .meaning = "atoms of a dictionary"},
      {.name = "sd_temperature",
       .standard = 2.0,
       .range = kPositive,
       .choices = {},
       .meaning = "what scores of atoms are divided by"},
      {.name = "att_func_type",
       .standard = std::string("sparsemax"),
       .range = {},
       .choices = {"softmax", "sigmoid", "sparsemax"},
       .meaning = "how scores of atoms become their shares: softmax, sigmoid or sparsemax"},
      {.name = "pool_type",
       .standard = std::string("max"),
       .range = {},
       .choices = {"max", "mean", "sum"},
       .meaning = "how scores of atoms over time steps become one: max, mean or sum"},
  };
}

DictionaryOptions dictionary_options(const Config& config) {
  const Settings& keys = config.settings;
  return {.atoms = keys.whole("sd_num"),
          .temperature = static_cast<float>(keys.real("sd_temperature")),
          .shares = shares_named(keys.text("att_func_type")),
          .pool = pool_named(keys.text("pool_type"))};
}

LookUp look_up(Capture& capture, std::string_view name, const DictionaryOptions& options,
               Modality m, Tensor x) {
  const trine::Scope scope(capture.graph(), name);
  const std::int64_t width = x.dim(2);
  const Tensor atoms =
      capture.parameter("space_dict", {options.atoms, width}, trine::nn::kStandardNormal);
  declare_scales(capture);
  const float scale = 1.0f / (std::sqrt(static_cast<float>(width)) * options.temperature);
  const Tensor scores =
      pooled(matmul(query(capture, m, stop_gradient(x)), transpose(atoms)) * scale, options.pool);
  const Tensor shares = shares_of(scores, options.shares);
  Tensor mixture = matmul(shares, atoms);
  if (options.shares == AtomShares::sigmoid) mixture = mixture / sum(shares, {1}, true);
  const Tensor length = sqrt(sum(square(mixture), {1}, true));
  return {.scores = scores, .shares = shares, .vector = mixture / (length + kLeastLength)};
}

}  // namespace dmd
