// The words and pieces of words that an encoder knows, and their ids: rows of its embedding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json_fwd.hpp>

namespace dmd {

class Vocabulary {
 public:
  // A piece a line, its id the number of the line. Of a piece that comes twice the last counts, as
  // in Hugging Face's tokenizers.
  static Vocabulary of_lines(std::string_view text);

  // An object of pieces and ids. Throws trine::Error, which begins with `where`, for anything else,
  // and for an id that no embedding has.
  static Vocabulary of_json(const nlohmann::json& object, std::string_view where);

  std::optional<std::int32_t> find(const std::string& piece) const;

  // Of a piece or a token that was added. Throws trine::Error, which begins with `where`, if there
  // is no such one.
  std::int32_t required(const std::string& name, std::string_view where) const;

  // Adds a token that texts may hold and no word is cut into, or makes sure that the piece of this
  // name has this id. Throws trine::Error, which begins with `where`, if it has another, or it is
  // no id.
  void add_token(const std::string& name, std::int64_t id, std::string_view where);

  // One more than the largest id: the rows that an embedding must have.
  std::int64_t size() const { return size_; }

 private:
  using Ids = std::unordered_map<std::string, std::int32_t>;

  void add(Ids& ids, const std::string& name, std::int64_t id, std::string_view where);

  Ids ids_, added_;
  std::int64_t size_ = 0;
};

}  // namespace dmd
