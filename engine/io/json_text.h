// JSON as it stands in files of others, parsed within limits: what a file makes us allocate stays
// in proportion to it, and no later walk over the document runs out of stack.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/io/utf8.h"

namespace trine::io {

// The tokenizer.json of a vocabulary of 250,000 words has 17 MB, and is 6 levels deep.
struct JsonLimits {
  std::size_t bytes = 48u << 20;
  int depth = 64;
};

// Json is nlohmann::json or, where the order of keys matters, nlohmann::ordered_json, which looks
// keys up one by one: not for vocabularies. Throws Error, which begins with `where`.
template <class Json = nlohmann::json>
Json parsed_json(std::string_view text, std::string_view where, const JsonLimits& limits = {}) {
  if (text.size() > limits.bytes)
    fail("{} is JSON of {} bytes, and no more than {} are read: it is damaged or made to harm",
         where, text.size(), limits.bytes);
  const auto within = [&](int depth, typename Json::parse_event_t event, Json&) {
    using Event = typename Json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= limits.depth)
      fail("{} is nested more than {} levels deep: it is damaged or made to harm", where,
           limits.depth);
    return true;
  };
  try {
    return Json::parse(text, within);
  } catch (const typename Json::exception& error) {
    std::string_view reason = error.what();
    reason.remove_prefix(reason.find("] ") + 2);  // the library's own error number
    fail("{} is not valid JSON: {}", where, printable(reason, 200));
  }
}

}  // namespace trine::io
