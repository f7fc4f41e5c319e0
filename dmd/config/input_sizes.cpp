#include "dmd/config/input_sizes.h"

#include "engine/error.h"

namespace dmd {
namespace {

void check_same(Modality m, std::string_view what, std::int64_t configured, std::int64_t given) {
  if (configured != 0 && configured != given) {
    trine::fail(
        "the data's {} has {} {}, the configuration says {}: use the data that the "
        "configuration or the checkpoint was made for, or set 0 to take the data's",
        name_of(m), given, what, configured);
  }
}

void check_kernel(const Config& config, Modality m, std::int64_t width, std::int64_t length) {
  const std::int64_t kernel = config.kernel_size(m);
  if (kernel > length) {
    trine::fail(
        "{} has {} time steps, fewer than conv1d_kernel_size_{} = {}: choose a kernel of "
        "at most {}",
        name_of(m), length, letter_of(m), kernel, length);
  }
  if (width == config.dst_feature_dim && kernel != 1) {
    trine::fail(
        "{} is already as wide as the model (dst_feature_dim = {}), so its projection is "
        "skipped and conv1d_kernel_size_{} = {} cannot apply: set it to 1 or choose "
        "another dst_feature_dim",
        name_of(m), width, letter_of(m), kernel);
  }
}

}  // namespace

InputSizes input_sizes(const Split& split) {
  return {.feature_dims = {split.text.width, split.audio.width, split.vision.width},
          .seq_lens = {split.text.steps, split.audio.steps, split.vision.steps}};
}

InputSizes input_sizes(const Split& split, const Config& config) {
  InputSizes sizes = input_sizes(split);
  if (config.text_model) {
    const std::size_t text = config_slot(Modality::language);
    sizes.feature_dims[text] = config.text_model->hidden_size;
    sizes.seq_lens[text] = split.bert.tokens;
  }
  return sizes;
}

void check_against(const Config& config, const InputSizes& sizes) {
  for (Modality m : kModalities) {
    const std::int64_t width = sizes.feature_dims[config_slot(m)];
    const std::int64_t length = sizes.seq_lens[config_slot(m)];
    if (width < 1 || length < 1) {
      trine::fail("{} is {} wide and {} time steps long: both must be at least 1", name_of(m),
                  width, length);
    }
    check_same(m, "features a time step", config.feature_dim(m), width);
    check_same(m, "time steps", config.seq_len(m), length);
    check_kernel(config, m, width, length);
  }
}

Config fitted_to(Config config, const InputSizes& sizes) {
  check_against(config, sizes);
  config.feature_dims = sizes.feature_dims;
  config.seq_lens = sizes.seq_lens;
  return config;
}

}  // namespace dmd
