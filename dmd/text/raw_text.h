// Tokens for data that have transcripts and nobody's tokens of them.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

// Whether an encoder would find transcripts in the split, and no tokens.
bool has_text_alone(const Split& split);

// Gives the splits tokens of their raw_text, cut by the vocabulary in the folder of the
// configuration's encoder, which `run` helps to find (encoder_folder.h): as many an utterance as
// the configuration says of text, else as the longest of them has, at most those that the encoder
// has positions for. Says in a sentence what was done, and how many utterances were cut short.
// Throws trine::Error where there is no such folder or no vocabulary in it.
std::string tokenize_raw_text(std::span<Split* const> splits, const Config& config,
                              const std::filesystem::path& run = {});

}  // namespace dmd
