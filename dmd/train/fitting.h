// From a configuration that leaves things to the data to one that a model can be made of.
#pragma once

#include <string>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/report/note.h"

namespace dmd {

// A model is made without the modalities that the data do not have, unless it was asked for by
// name. Throws trine::Error where nothing is left, or where the text is left to an encoder and
// none is named.
Config without_absent(Config config, const Dataset& data, const Note& note);

// The configuration with the sizes of its encoder, the classes and the input sizes of the data.
// Data without tokens for an encoder get them (text/encoder_input.h); messages call the data
// `name`. Throws trine::Error where configuration and data do not fit each other.
Config fitted_to_data(Config config, Dataset& data, const std::string& name, const Note& note);

}  // namespace dmd
