#include "dmd/train/fitting.h"

#include <utility>

#include <fmt/format.h>

#include "dmd/data/classes.h"
#include "dmd/data/input_sizes.h"
#include "dmd/data/missing.h"
#include "dmd/models/configuration.h"
#include "dmd/text/encoder_input.h"
#include "dmd/text/pretrained.h"
#include "dmd/text/text_features.h"
#include "engine/error.h"

namespace dmd {

Config without_absent(Config config, const Dataset& data, const Note& note) {
  if (config.modalities != ModalitySet::all()) return config;
  ModalitySet there = modalities_of(data.train);
  if (config.text_encoder != TextEncoder::none) there.add(Modality::language);
  if (!there.contains(Modality::language) && data.train.bert.n > 0)
    trine::fail(
        "the data leave the text to an encoder, as they have no features of it (a field 'text'): "
        "name one with --set text_encoder=bert --set text_encoder_path=DIR, add features (samples, "
        "steps, width), for example a language model's last hidden states, or leave the text out "
        "with --drop text");
  if (there.empty())
    trine::fail("{} has no features of text, audio or vision: a model needs one of them",
                data.source);
  for (const Modality m : kModalities)
    if (!there.contains(m))
      note(fmt::format("{} has no {}: the model is made without it", data.source, name_of(m)));
  config.modalities = there;
  return config;
}

Config fitted_to_data(Config config, Dataset& data, const std::string& name, const Note& note) {
  config = with_encoder_found(with_text_model(std::move(config)), {}, note);
  give_tokens(data, config, name, {}, note);
  config = with_classes(std::move(config), data);
  if (config.modalities.size() == 1)
    note(fmt::format("{} alone: what modalities learn from each other falls away",
                     name_of(config.modalities)));
  if (config.text_model) check_tokens(data.train, *config.text_model);
  return fitted_to(config, input_sizes(data.train, config));
}

}  // namespace dmd
