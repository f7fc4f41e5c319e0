// What was measured, by name: the form in which measurements go from where they are made to reports
// and files.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dmd {

// In the order of reports.
using NamedValues = std::vector<std::pair<std::string, double>>;

}  // namespace dmd
