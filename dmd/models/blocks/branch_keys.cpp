#include "dmd/models/blocks/branch_keys.h"

#include "engine/error.h"

namespace dmd {
namespace {

// The sinusoid of the position embedding divides by d/2 - 1, so a width below 4 has none.
constexpr Range kWidth{.low = 4, .high = 1'000'000};

Key whole(std::string_view name, std::int64_t standard, Range range, std::string_view meaning) {
  return {.name = name, .standard = standard, .range = range, .choices = {}, .meaning = meaning};
}

Key rate(std::string_view name, double standard, std::string_view meaning) {
  return {.name = name, .standard = standard, .range = kRate, .choices = {}, .meaning = meaning};
}

}  // namespace

std::vector<Key> transformer_keys() {
  return {
      whole("dst_feature_dim", 50, kWidth, "model width d, a multiple of nheads"),
      whole("nheads", 10, kSize, "attention heads"),
      whole("nlevels", 4, kSize, "transformer layers"),
      whole("conv1d_kernel_size_l", 5, kSize, "time steps that the text projection spans"),
      whole("conv1d_kernel_size_a", 5, kSize, "time steps that the audio projection spans"),
      whole("conv1d_kernel_size_v", 5, kSize, "time steps that the vision projection spans"),
      rate("attn_dropout", 0.3, "dropout of attention weights over text"),
      rate("attn_dropout_a", 0.2, "dropout of attention weights over audio"),
      rate("attn_dropout_v", 0.0, "dropout of attention weights over vision"),
      rate("relu_dropout", 0.0, "dropout inside the feed-forward layers"),
      rate("embed_dropout", 0.2, "dropout of transformer inputs"),
      rate("res_dropout", 0.0, "dropout of residual branches"),
  };
}

std::vector<Key> branch_keys() {
  std::vector<Key> keys = transformer_keys();
  keys.push_back(rate("output_dropout", 0.5, "dropout inside the output heads"));
  keys.push_back(rate("text_dropout", 0.5, "dropout of the text features"));
  return keys;
}

BranchOptions transformer_branches(const Config& config) {
  const Settings& keys = config.settings;
  BranchOptions options{.modalities = config.modalities,
                        .width = keys.whole("dst_feature_dim"),
                        .heads = keys.whole("nheads"),
                        .levels = keys.whole("nlevels"),
                        .kernels = {},
                        .attention_dropout = {},
                        .relu_dropout = keys.real("relu_dropout"),
                        .embed_dropout = keys.real("embed_dropout"),
                        .residual_dropout = keys.real("res_dropout"),
                        .answer_width = config.answer_width()};
  for (const Modality m : kModalities)
    options.kernels[m] = keys.whole(named("conv1d_kernel_size_{}", m));
  options.attention_dropout[Modality::language] = keys.real("attn_dropout");
  options.attention_dropout[Modality::audio] = keys.real("attn_dropout_a");
  options.attention_dropout[Modality::vision] = keys.real("attn_dropout_v");
  return options;
}

BranchOptions branch_options(const Config& config) {
  BranchOptions options = transformer_branches(config);
  options.output_dropout = config.settings.real("output_dropout");
  options.text_dropout = config.settings.real("text_dropout");
  return options;
}

void check_branches(const Config& config) {
  const BranchOptions options = transformer_branches(config);
  if (options.width % options.heads != 0) {
    trine::fail(
        "dst_feature_dim = {} is not a multiple of nheads = {}, and all heads have one width",
        options.width, options.heads);
  }
}

void check_projections(const Config& config, const InputSizes& sizes) {
  const BranchOptions options = transformer_branches(config);
  for (const Modality m : config.modalities) {
    const std::int64_t width = sizes.feature_dims[config_slot(m)];
    const std::int64_t length = sizes.seq_lens[config_slot(m)];
    const std::int64_t kernel = options.kernels[m];
    if (kernel > length) {
      trine::fail(
          "{} has {} time steps, fewer than conv1d_kernel_size_{} = {}: choose a kernel of "
          "at most {}",
          name_of(m), length, letter_of(m), kernel, length);
    }
    if (width == options.width && kernel != 1) {
      trine::fail(
          "{} is already as wide as the model (dst_feature_dim = {}), so its projection is "
          "skipped and conv1d_kernel_size_{} = {} cannot apply: set it to 1 or choose "
          "another dst_feature_dim",
          name_of(m), width, letter_of(m), kernel);
    }
  }
}

}  // namespace dmd
