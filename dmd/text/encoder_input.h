// What is done for the text encoder of a configuration before anything is read by it.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/report/note.h"

namespace dmd {

// The configuration with the absolute path of its encoder's folder; `run` is the folder of the run
// that it is of (text/encoder_folder.h), or empty. A folder that is found elsewhere than it was is
// noted on standard error. One that is nowhere is left for whoever needs it to refuse: a model
// whose encoder was trained along does not.
Config with_encoder_found(Config config, const std::filesystem::path& run, const Note& note);

// Makes tokens of raw_text, and says so, where the configuration has an encoder and the data,
// called `data`, have no tokens for it. Transcripts of built-in data are none: they state the
// answers.
void give_tokens(std::span<Split* const> splits, const Config& config, const std::string& data,
                 const std::filesystem::path& run, const Note& note);
void give_tokens(Dataset& dataset, const Config& config, const std::string& data,
                 const std::filesystem::path& run, const Note& note);

}  // namespace dmd
