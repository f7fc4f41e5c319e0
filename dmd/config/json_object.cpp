#include "dmd/config/json_object.h"

#include "engine/error.h"

namespace dmd {

using Json = nlohmann::ordered_json;

Json parsed_object(std::string_view text, std::string_view where) {
  try {
    Json json = Json::parse(text);
    if (json.is_object()) return json;
  } catch (const Json::parse_error& error) {
    std::string_view reason = error.what();
    reason.remove_prefix(reason.find("] ") + 2);  // the library's own error number
    trine::fail("{} is not valid JSON: {}", where, reason);
  }
  trine::fail("{} holds no configuration: expected a JSON object of keys and values", where);
}

std::string shown(const Json& json) {
  constexpr std::size_t kLongest = 60;
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace dmd
