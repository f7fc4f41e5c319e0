#include "dmd/data/input_sizes.h"

namespace dmd {

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

}  // namespace dmd
