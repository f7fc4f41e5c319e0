// Settings of presets that DMD and the models after it share.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace dmd {

using SettingList = std::vector<std::string>;  // "key=value"

// What DMD's authors change for CMU-MOSEI in projections and dropout, and what `more` sets.
SettingList mosei_branches(std::initializer_list<std::string> more);

// A model that trains in a minute on the built-in data, and what `more` sets.
SettingList tiny_branches(std::initializer_list<std::string> more);

}  // namespace dmd
