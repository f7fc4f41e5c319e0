#include "dmd/config/json_object.h"

#include "engine/error.h"
#include "engine/io/json_text.h"

namespace dmd {

using Json = nlohmann::ordered_json;

namespace {

// Configurations have kilobytes; looking keys up one by one makes long ones slow.
constexpr std::size_t kMostBytes = 1u << 20;

}  // namespace

Json parsed_object(std::string_view text, std::string_view where) {
  Json json = trine::io::parsed_json<Json>(text, where, {.bytes = kMostBytes});
  if (json.is_object()) return json;
  trine::fail("{} holds no configuration: expected a JSON object of keys and values", where);
}

std::string shown(const Json& json) {
  constexpr std::size_t kLongest = 60;
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace dmd
