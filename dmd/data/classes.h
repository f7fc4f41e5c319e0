// Names of classes and the numbers that stand for them in labels and logits. What follows does
// nothing for other tasks than classification.
#pragma once

#include <string>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/data/dataset.h"

namespace dmd {

// The classes of a split, each once: by number where all are whole numbers, else by name.
std::vector<std::string> classes_of(const Split& split);

// The configuration with the classes of the training split, where it names none. Throws
// trine::Error where there are fewer than two, where one has no utterance to train on, and where
// another split has one more.
Config with_classes(Config config, const Dataset& data);

// Makes each utterance's label the number of its class in the configuration; NaN where it has none
// or another.
void number_classes(Split& split, const Config& config);
void number_classes(Dataset& data, const Config& config);

// Throws trine::Error where the split has a class that the configuration does not name; `where`
// says which split of what it is.
void check_classes(const Split& split, const Config& config, const std::string& where);

}  // namespace dmd
