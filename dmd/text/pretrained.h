// Text encoders as Hugging Face's transformers saves them: a folder with config.json and
// model.safetensors or pytorch_model.bin, whole or as shards with an index.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "engine/io/array.h"
#include "engine/nn/parameters.h"

namespace dmd {

// Before the names of the encoder's parameters, as in the authors' checkpoints.
inline constexpr std::string_view kTextModelScope = "text_model.model";
inline constexpr std::string_view kTextModelPrefix = "text_model.model.";

// `asked` is the kind of a folder that does not say it (encoder_config.h). Throws trine::Error
// where the folder or its config.json is missing or does not serve.
EncoderConfig read_encoder_config(const std::filesystem::path& folder,
                                  TextEncoder asked = TextEncoder::none);

// The configuration with the sizes of its encoder in `text_model`: those that are there already,
// else those of the folder, else, where no folder is named, the standard encoder's (a checkpoint
// may hold such an encoder's parameters). Without an encoder: as it is. Throws trine::Error for a
// folder with another kind of encoder than `text_encoder` says.
Config with_text_model(Config config);

// Parameters of the encoder under the names that they have within a model, kTextModelPrefix
// included. Names as old and new versions of transformers write them are taken, with the prefix of
// a model around the encoder or without; what belongs to that model alone is left out.
trine::io::NamedArrays read_encoder_weights(const std::filesystem::path& folder);

// Copies them into an arena of `store`'s layout. Their pooler may be missing: it keeps what the
// arena holds. `source` is for messages. Throws trine::Error, with both shapes, for a parameter
// that does not fit, and for one that is missing or that the store does not have.
void put_encoder_weights(const trine::io::NamedArrays& weights, std::string_view source,
                         const trine::nn::ParameterStore& store, std::vector<float>& arena);

}  // namespace dmd
