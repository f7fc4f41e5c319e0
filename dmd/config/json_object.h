// JSON objects as people write them: configuration files of ours and of others.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace dmd {

// The object that the text is. Throws trine::Error, which begins with `where`, for text that is not
// JSON or not an object.
nlohmann::ordered_json parsed_object(std::string_view text, std::string_view where);

// A value as messages quote it, shortened where it is long.
std::string shown(const nlohmann::ordered_json& json);

}  // namespace dmd
