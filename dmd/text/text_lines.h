// Lines of a text file, wherever it was written.
#pragma once

#include <string_view>
#include <vector>

namespace dmd {

// Without the line ends of Unix or Windows, the mark that Windows puts in front of UTF-8, and what
// is empty at the end of the file. The text must outlive them.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace dmd
