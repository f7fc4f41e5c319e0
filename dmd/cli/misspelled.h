// What was probably meant by a word of the command line that the program does not know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dmd/cli/command_line.h"

namespace dmd::cli {

// A sentence about the first command or option among `words` that `program` does not have; nothing
// where all are known. Names of configuration keys, and short forms of them such as --lr, are told
// to be settings.
std::optional<std::string> misspelled(const Command& program,
                                      const std::vector<std::string>& words);

}  // namespace dmd::cli
