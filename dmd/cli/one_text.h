// The utterance of `dmd predict --text`: a sentence from the command line, with voice and face from
// a feature file or without.
#pragma once

#include <filesystem>
#include <string>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd::cli {

struct TextOptions {
  std::string text;
  std::string sample;  // id of the utterance whose audio and vision it gets; empty: none
};

// A split of the one utterance, whose text is tokens for the encoder of `config`, the folder of
// which `run` helps to find (text/encoder_folder.h); its label is all 0. `data` is where the sample
// is looked for, train, valid and test, and says nothing where none is asked for. Throws
// trine::Error for a model without an encoder, or whose vocabulary, sizes or sample are not to be
// found.
Split split_of_text(const TextOptions& options, const Config& config, const std::string& data,
                    const std::filesystem::path& run);

}  // namespace dmd::cli
