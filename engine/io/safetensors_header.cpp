#include "engine/io/safetensors_header.h"

#include <array>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

namespace trine::io {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";

constexpr std::array<std::pair<std::string_view, ElementType>, 13> kTypes{{
    {"BOOL", ElementType::boolean},
    {"U8", ElementType::u8},
    {"I8", ElementType::i8},
    {"U16", ElementType::u16},
    {"I16", ElementType::i16},
    {"U32", ElementType::u32},
    {"I32", ElementType::i32},
    {"U64", ElementType::u64},
    {"I64", ElementType::i64},
    {"F16", ElementType::f16},
    {"BF16", ElementType::bf16},
    {"F32", ElementType::f32},
    {"F64", ElementType::f64},
}};

ElementType type_from(const std::string& text) {
  for (const auto& [name, type] : kTypes) {
    if (name == text) return type;
  }
  fail("its type is {}, and only booleans, integers and floats of 16 to 64 bits are read", text);
}

std::string_view text_from(ElementType type) {
  for (const auto& [name, candidate] : kTypes) {
    if (candidate == type) return name;
  }
  fail("safetensors has no name for elements of type {}", name_of(type));
}

const json& field(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) fail("it has no {}", key);
  return *found;
}

// JSON numbers that are whole, not negative and within 63 bits.
std::vector<std::int64_t> counts_from(const json& list, const char* key) {
  constexpr std::uint64_t kMost = INT64_MAX;
  if (!list.is_array()) fail("its {} is not a list", key);
  std::vector<std::int64_t> out;
  for (const json& item : list) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > kMost) {
      fail("its {} holds {}, and whole numbers from 0 to 2^63 - 1 are expected", key,
           item.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    out.push_back(item.get<std::int64_t>());
  }
  return out;
}

TensorEntry entry_from(const json& object) {
  if (object.size() != 3) fail("it has {} fields, and 3 are expected", object.size());
  const json& type = field(object, "dtype");
  if (!type.is_string()) fail("its dtype is not a string");

  TensorEntry entry;
  entry.type = type_from(type.get<std::string>());
  entry.shape = counts_from(field(object, "shape"), "shape");
  const auto offsets = counts_from(field(object, "data_offsets"), "data_offsets");
  if (offsets.size() != 2) fail("its data_offsets are {}, and 2 are expected", offsets.size());
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  return entry;
}

Metadata metadata_from(const json& object) {
  Metadata out;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) fail("__metadata__ maps {} to something that is not a string", key);
    out.emplace(key, value.get<std::string>());
  }
  return out;
}

// Follows the parser event by event and takes each entry as soon as it is complete. That keeps the
// order of the file, sees keys that come twice, bounds the depth before anything is built, and
// never holds more than one entry as JSON.
class HeaderReader {
 public:
  TensorHeader read(std::string_view text) {
    try {
      // What is taken is discarded, so the document itself comes to nothing.
      [[maybe_unused]] const json nothing =
          json::parse(text, [this](int depth, json::parse_event_t event, json& part) {
            return on_event(depth, event, part);
          });
    } catch (const json::exception& error) {
      fail("its header is not valid JSON ({})", error.what());
    }
    return std::move(header_);
  }

 private:
  // Depth 0: the header. Depth 1: its members. Depth 2: the members of an entry. Depth 3: the items
  // of shape and data_offsets.
  bool on_event(int depth, json::parse_event_t event, json& part) {
    using Event = json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth > 2) fail("its header is nested too deeply");
    if (depth == 0 && event != Event::object_start && event != Event::object_end) {
      fail("its header is not a JSON object");
    }
    if (event == Event::key) on_key(depth, part.get_ref<const std::string&>());
    if (depth == 1 && (event == Event::array_start || event == Event::value)) {
      fail("its header describes {} by something that is not an object", name_);
    }
    if (depth == 1 && event == Event::object_end) {
      take(part);
      return false;
    }
    return true;
  }

  void on_key(int depth, const std::string& key) {
    if (depth == 1) {
      if (!names_.insert(key).second) fail("its header lists {} twice", key);
      name_ = key;
      fields_.clear();
    } else if (!fields_.insert(key).second) {
      fail("its header gives {} of {} twice", key, name_);
    }
  }

  void take(const json& object) {
    if (name_ == kMetadataKey) {
      header_.metadata = metadata_from(object);
      return;
    }
    try {
      header_.entries.push_back(entry_from(object));
    } catch (const Error& error) {
      fail("of the tensor {}, {}", name_, error.what());
    }
    header_.entries.back().name = name_;
  }

  TensorHeader header_;
  std::string name_;  // of the member being read
  std::unordered_set<std::string> names_, fields_;
};

}  // namespace

TensorHeader parse_header(std::string_view text) { return HeaderReader().read(text); }

std::string format_header(const ArraySources& arrays, const Metadata& metadata) {
  // Written member by member: a JSON object of the library would cost a search for every name.
  std::string text = "{";
  std::unordered_set<std::string_view> names;
  const auto add_member = [&text](std::string_view name, const json& value) {
    if (text.size() > 1) text += ',';
    text += json(name).dump() + ':' + value.dump();
  };
  if (!metadata.empty()) add_member(kMetadataKey, metadata);
  std::uint64_t offset = 0;
  for (const ArraySource& entry : arrays) {
    if (entry.name == kMetadataKey || !names.insert(entry.name).second) {
      fail("two tensors cannot both be called {}", entry.name);
    }
    const std::uint64_t end =
        offset + static_cast<std::uint64_t>(count(entry.shape)) * size_of(entry.type);
    add_member(entry.name, {{"dtype", text_from(entry.type)},
                            {"shape", entry.shape},
                            {"data_offsets", {offset, end}}});
    offset = end;
  }
  text += '}';
  return text;
}

}  // namespace trine::io
