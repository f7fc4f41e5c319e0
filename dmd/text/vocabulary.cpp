#include "dmd/text/vocabulary.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "dmd/text/text_lines.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::io::printable;

// As many rows as configurations of encoders may have.
constexpr std::int64_t kMost = 10'000'000;

void check_id(const std::string& piece, std::int64_t id, std::string_view where) {
  if (id < 0 || id >= kMost)
    trine::fail("{}: the id of '{}' is {}, and ids run from 0 to {}", where, printable(piece), id,
                kMost - 1);
}

}  // namespace

Vocabulary Vocabulary::of_lines(std::string_view text) {
  Vocabulary vocabulary;
  for (const std::string_view line : lines_of(text))
    vocabulary.ids_[std::string(line)] = static_cast<std::int32_t>(vocabulary.size_++);
  return vocabulary;
}

Vocabulary Vocabulary::of_json(const nlohmann::json& object, std::string_view where) {
  if (!object.is_object()) trine::fail("{} should be a JSON object of pieces and their ids", where);
  Vocabulary vocabulary;
  vocabulary.ids_.reserve(object.size());
  for (const auto& [piece, id] : object.items()) {
    if (!id.is_number_integer())
      trine::fail("{}: the id of '{}' is not a whole number", where, printable(piece));
    vocabulary.add(vocabulary.ids_, piece, id.get<std::int64_t>(), where);
  }
  return vocabulary;
}

std::optional<std::int32_t> Vocabulary::find(const std::string& piece) const {
  const auto found = ids_.find(piece);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::int32_t Vocabulary::required(const std::string& name, std::string_view where) const {
  if (const auto id = find(name)) return *id;
  if (const auto found = added_.find(name); found != added_.end()) return found->second;
  trine::fail("{} has no {}: it is not the vocabulary of such an encoder", where, printable(name));
}

void Vocabulary::add_token(const std::string& name, std::int64_t id, std::string_view where) {
  add(ids_.contains(name) ? ids_ : added_, name, id, where);
}

void Vocabulary::add(Ids& ids, const std::string& name, std::int64_t id, std::string_view where) {
  check_id(name, id, where);
  const auto [entry, is_new] = ids.try_emplace(name, static_cast<std::int32_t>(id));
  if (!is_new && entry->second != id)
    trine::fail("{}: '{}' has the id {} and the id {}", where, printable(name), entry->second, id);
  size_ = std::max(size_, id + 1);
}

}  // namespace dmd
