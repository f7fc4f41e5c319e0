// Where sentences go that a user should know and that stop nothing: the command line writes them to
// standard error, Python warns.
#pragma once

#include <functional>
#include <string_view>

namespace dmd {

using Note = std::function<void(std::string_view)>;

}  // namespace dmd
