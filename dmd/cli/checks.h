// What options may hold, with a sentence for what they may not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dmd/cli/command_line.h"

namespace dmd::cli {

// "must be a whole number from 1 to 1024, not 0"; without a `high`: "... of at least 1, not 0".
Check whole_number(std::int64_t low);
Check whole_number(std::int64_t low, std::int64_t high);

// "must be train, valid or test, not vaild; did you mean 'valid'?"
Check one_of(std::vector<std::string> choices);

}  // namespace dmd::cli
