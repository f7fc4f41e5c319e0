#include "dmd/data/feature_pickle.h"

#include <algorithm>
#include <array>
#include <span>

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

// What other programs call the features of a modality.
std::span<const char* const> other_names(Modality m) {
  static constexpr std::array<const char*, 4> kVision{"video", "visual", "image", "face"};
  static constexpr std::array<const char*, 3> kAudio{"acoustic", "speech", "voice"};
  static constexpr std::array<const char*, 3> kText{"language", "words", "word"};
  if (m == Modality::vision) return kVision;
  if (m == Modality::audio) return kAudio;
  return kText;
}

bool has_modality(const Dict& fields) {
  return std::ranges::any_of(kModalities,
                             [&](Modality m) { return fields.find(name_of(m)) != nullptr; });
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

  RawSplit read(const FeatureOptions& options) {
    RawSplit out;
    for (const Modality m : {Modality::language, Modality::audio, Modality::vision})
      out.features[m] = features(m);
    if (const auto field = optional("text_bert")) out.bert = reader_.array(*field);
    if (const auto field = optional("raw_text")) out.raw_text = reader_.texts(*field);
    if (!has_modality(fields_) && !out.bert && out.raw_text.empty())
      required(fields_, name_, "text");
    read_labels(out, options);
    return out;
  }

  // Called last: where there are no ids, it is known how many are needed.
  void name_samples(RawSplit& split) {
    if (const auto field = optional("id")) {
      split.ids = reader_.ids(*field);
      return;
    }
    const auto found =
        std::ranges::find_if(split.features, [](const auto& array) { return array.has_value(); });
    if (found == split.features.end() && !split.bert) required(fields_, name_, "id");
    split.ids = reader_.made_ids(name_, found != split.features.end() ? **found : *split.bert);
  }

 private:
  std::optional<Field> optional(const char* name) const {
    const Value* value = fields_.find(name);
    return value != nullptr ? std::optional(Field{name_, name, value}) : std::nullopt;
  }

  // A file may lack a modality, but not because it calls it otherwise.
  std::optional<Array> features(Modality m) {
    const char* const name = name_of(m).data();
    if (const auto field = optional(name)) return reader_.array(*field);
    for (const char* other : other_names(m))
      if (fields_.find(other) != nullptr) required(fields_, name_, name);
    return std::nullopt;
  }

  // The field that holds the labels of a task; nothing where none need be there.
  std::optional<Field> labels_of(Task task, bool needed) const {
    const char* own = task == Task::classification ? "classification_labels" : "regression_labels";
    if (const auto field = optional(own); field && task != Task::emotion) return field;
    if (const auto field = optional("labels")) return field;  // MulT
    if (needed) required(fields_, name_, task == Task::emotion ? "labels" : own);
    return std::nullopt;
  }

  void read_labels(RawSplit& out, const FeatureOptions& options) {
    if (options.every_label) return read_every_label(out);
    const auto field = labels_of(options.task, options.need_labels);
    if (!field) return;
    if (options.task == Task::regression) out.labels = reader_.numbers(*field);
    if (options.task == Task::classification) out.classes = reader_.classes(*field);
    if (options.task == Task::emotion) out.emotions = reader_.array(*field);
  }

  // Emotions stand where MulT's files of sentiment have numbers.
  void read_every_label(RawSplit& out) {
    if (const auto field = labels_of(Task::regression, false)) {
      if (field->name == "labels" && reader_.holds_emotions(*field))
        out.emotions = reader_.array(*field);
      else
        out.labels = reader_.numbers(*field);
    }
    const auto emotions = optional("labels");
    if (out.labels && emotions && reader_.holds_emotions(*emotions))
      reader_.note(
          fmt::format("labels of {}, emotions, is left out beside regression_labels", name_));
    if (const auto field = optional("classification_labels")) read_other_classes(out, *field);
  }

  // Nobody has asked for them, so what cannot be read is left out.
  void read_other_classes(RawSplit& out, const Field& field) {
    try {
      auto classes = reader_.classes(field);
      for (const Modality m : kModalities)
        if (const auto& array = out.features[m];
            array && array->rank() > 0 && std::ssize(classes) != array->shape()[0])
          fail("{} is of {} samples, and {} of {}", field.name, classes.size(), name_of(m),
               array->shape()[0]);
      out.classes = std::move(classes);
    } catch (const trine::Error& error) {
      reader_.note(fmt::format("{} of {} is left out: {}", field.name, field.split, error.what()));
    }
  }

  const Dict& fields_;
  std::string name_;
  FieldReader& reader_;
};

// A single clip has no axis of samples: (steps, width).
void add_sample_axis(RawSplit& split) {
  for (const auto& array : split.features)
    if (array && array->rank() != 2) return;
  const auto with_axis = [](const Array& array) {
    trine::io::Extents shape{1};
    shape.insert(shape.end(), array.shape().begin(), array.shape().end());
    return Array(array.type(), std::move(shape), array.shared());
  };
  for (const Modality m : kModalities)
    if (auto& array = split.features[m]) array = with_axis(*array);
  if (split.bert && split.bert->rank() == 2) split.bert = with_axis(*split.bert);
}

// Fields where the splits should be: MMSA-FET writes them so, of one clip too.
RawSplit bare_split(const Dict& fields, FieldReader& reader, const FeatureOptions& options) {
  SplitReader split(fields, "test", reader);
  RawSplit out = split.read(options);
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
    out.splits[i] = fields_reader.read(options);
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
