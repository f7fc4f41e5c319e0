#include "dmd/data/feature_pickle.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "dmd/data/feature_fields.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::fail;
using trine::io::Array;
using trine::io::printable;
using namespace trine::io::pickle;

// "'train', 'test'"
std::string keys_of(const Dict& dict) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : dict.items) {
    keys.push_back(fmt::format("'{}'", printable(text_in(*key).value_or(describe(*key)))));
  }
  return keys.empty() ? "nothing" : printable(fmt::format("{}", fmt::join(keys, ", ")), 400);
}

const Value* find_split(const Dict& splits, std::string_view name) {
  const Value* found = splits.find(name);
  if (found != nullptr || name != "valid") return found;
  for (const char* other : {"val", "validation", "dev"}) {
    if (found == nullptr) found = splits.find(other);
  }
  return found;
}

bool has_modality(const Dict& fields) {
  constexpr std::array kModalities{"text", "audio", "vision"};
  return std::ranges::any_of(kModalities, [&](auto name) { return fields.find(name) != nullptr; });
}

Field required(const Dict& split, const std::string& split_name, const char* name) {
  const Value* value = split.find(name);
  if (value == nullptr) {
    fail("its split {} has no '{}': there are {}", split_name, name, keys_of(split));
  }
  return {split_name, name, value};
}

// One split of a file.
class SplitReader {
 public:
  SplitReader(const Dict& fields, std::string name, FieldReader& reader)
      : fields_(fields), name_(std::move(name)), reader_(reader) {}

  RawSplit read(bool need_labels) {
    RawSplit out;
    if (const auto field = optional("text")) out.text = reader_.array(*field);
    out.audio = reader_.array(required(fields_, name_, "audio"));
    out.vision = reader_.array(required(fields_, name_, "vision"));
    if (const auto field = optional("text_bert")) out.bert = reader_.array(*field);
    if (const auto field = optional("raw_text")) out.raw_text = reader_.texts(*field);
    if (!out.text && !out.bert && out.raw_text.empty()) required(fields_, name_, "text");
    out.labels = labels(need_labels);
    return out;
  }

  // Called last: where there are no ids, it is known how many are needed.
  void name_samples(RawSplit& split) {
    if (const auto field = optional("id")) {
      split.ids = reader_.ids(*field);
      return;
    }
    split.ids = reader_.made_ids(name_, split.text ? *split.text : split.audio);
  }

 private:
  std::optional<Field> optional(const char* name) const {
    const Value* value = fields_.find(name);
    return value != nullptr ? std::optional(Field{name_, name, value}) : std::nullopt;
  }

  std::optional<std::vector<float>> labels(bool needed) {
    if (const auto field = optional("regression_labels")) return reader_.numbers(*field);
    if (const auto field = optional("labels")) return reader_.numbers(*field);  // MulT
    if (needed) required(fields_, name_, "regression_labels");
    return std::nullopt;
  }

  const Dict& fields_;
  std::string name_;
  FieldReader& reader_;
};

// A single clip has no axis of samples: (steps, width).
void add_sample_axis(RawSplit& split) {
  for (const Array* array :
       {split.text ? &*split.text : &split.audio, &split.audio, &split.vision}) {
    if (array->rank() != 2) return;
  }
  const auto with_axis = [](const Array& array) {
    trine::io::Extents shape{1};
    shape.insert(shape.end(), array.shape().begin(), array.shape().end());
    return Array(array.type(), std::move(shape), array.shared());
  };
  for (Array* array : {&split.audio, &split.vision}) *array = with_axis(*array);
  if (split.text) split.text = with_axis(*split.text);
  if (split.bert && split.bert->rank() == 2) split.bert = with_axis(*split.bert);
}

// Fields where the splits should be: MMSA-FET writes them so, of one clip too.
RawSplit bare_split(const Dict& fields, FieldReader& reader, const FeatureOptions& options) {
  SplitReader split(fields, "test", reader);
  RawSplit out = split.read(options.need_labels);
  add_sample_axis(out);
  split.name_samples(out);
  return out;
}

}  // namespace

bool looks_like_features(const Value& root) {
  const auto* splits = root.as<Dict>();
  if (splits == nullptr) return false;
  if (has_modality(*splits)) return true;
  return std::ranges::any_of(kSplitNames, [&](const char* name) {
    const Value* split = find_split(*splits, name);
    const auto* fields = split != nullptr ? split->as<Dict>() : nullptr;
    return fields != nullptr && has_modality(*fields);
  });
}

RawDataset splits_from_pickle(const trine::io::TorchDocument& document, std::size_t file_bytes,
                              const FeatureOptions& options) {
  const auto* splits = document.root().as<Dict>();
  if (splits == nullptr) {
    fail("it holds {}, and a dict of train, valid and test is expected", describe(document.root()));
  }
  RawDataset out;
  FieldReader reader(*document.tensors, file_bytes);
  bool any = false;
  for (std::size_t i = 0; i < out.splits.size(); ++i) {
    const std::string name = kSplitNames[i];
    const Value* split = find_split(*splits, name);
    if (split == nullptr && !options.need_all_splits) continue;
    if (split == nullptr) fail("it has no split '{}': there are {}", name, keys_of(*splits));
    const auto* fields = split->as<Dict>();
    if (fields == nullptr)
      fail("its split {} is {}, and a dict is expected", name, describe(*split));
    SplitReader fields_reader(*fields, name, reader);
    out.splits[i] = fields_reader.read(options.need_labels);
    fields_reader.name_samples(*out.splits[i]);
    any = true;
  }
  if (!any && !has_modality(*splits)) {
    fail("it has none of the splits train, valid and test: there are {}", keys_of(*splits));
  }
  if (!any) out.splits.back() = bare_split(*splits, reader, options);
  out.notes.insert(out.notes.end(), reader.notes().begin(), reader.notes().end());
  return out;
}

}  // namespace dmd
