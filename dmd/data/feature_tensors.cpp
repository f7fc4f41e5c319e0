#include "dmd/data/feature_tensors.h"

#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "dmd/data/missing.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using nlohmann::json;
using trine::fail;
using trine::io::Array;
using trine::io::Metadata;
using trine::io::NamedArrays;
using trine::io::Safetensors;

constexpr const char* kFormatKey = "format";
constexpr const char* kFormat = "dmd.features";

std::string names_of(const NamedArrays& arrays) {
  std::vector<std::string_view> names;
  for (const auto& entry : arrays) names.push_back(entry.name);
  return names.empty() ? "none"
                       : trine::io::printable(fmt::format("{}", fmt::join(names, ", ")), 400);
}

// "train.text".
std::string tensor_name(std::string_view split, Modality m) {
  return fmt::format("{}.{}", split, name_of(m));
}

Array required(const Safetensors& file, const std::string& name) {
  const Array* array = find(file.arrays, name);
  if (array == nullptr) fail("it has no tensor {}: there are {}", name, names_of(file.arrays));
  return *array;
}

std::string keys_of(const Metadata& metadata) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : metadata) keys.push_back(key);
  return trine::io::printable(fmt::format("{}", fmt::join(keys, ", ")), 400);
}

std::vector<std::string> strings_from(const Metadata& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  if (found == metadata.end())
    fail("its metadata has no {}: there are {}", name, keys_of(metadata));
  try {
    return json::parse(found->second).get<std::vector<std::string>>();
  } catch (const json::exception&) {
    fail("its metadata gives as {} something that is not a JSON list of strings", name);
  }
}

bool has_any(const PerModality<std::optional<Array>>& features) {
  return std::ranges::any_of(features, [](const auto& array) { return array.has_value(); });
}

bool any_text(const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [](const std::string& text) { return !text.empty(); });
}

void read_labels(const Safetensors& file, const std::string& name, const FeatureOptions& options,
                 RawSplit& out) {
  const auto wanted = [&](Task task) { return options.every_label || options.task == task; };
  const auto found = [&](Task task, const std::string& field) -> const Array* {
    if (!wanted(task)) return nullptr;
    if (options.need_labels) required(file, field);
    return find(file.arrays, field);
  };
  const std::string numbers = name + ".regression_labels",
                    classes = name + ".classification_labels";
  if (const Array* labels = found(Task::regression, numbers)) {
    if (labels->rank() != 1) {
      fail("{} is {}, and one number a sample is expected", numbers, to_string(*labels));
    }
    out.labels = labels->to_f32();
  }
  if (const Array* labels = found(Task::emotion, name + ".labels")) out.emotions = *labels;
  const bool named = file.metadata.contains(classes);
  if (wanted(Task::classification) && (named || options.need_labels))
    out.classes = strings_from(file.metadata, classes);
}

RawSplit split_from(const Safetensors& file, const std::string& name,
                    const FeatureOptions& options) {
  RawSplit out;
  out.ids = strings_from(file.metadata, name + ".id");
  out.raw_text = strings_from(file.metadata, name + ".raw_text");
  for (const Modality m : kModalities)
    if (const Array* array = find(file.arrays, tensor_name(name, m))) out.features[m] = *array;
  read_labels(file, name, options, out);
  if (const Array* bert = find(file.arrays, name + ".text_bert")) out.bert = *bert;
  if (!has_any(out.features) && !out.bert && !any_text(out.raw_text))
    required(file, name + ".text");
  return out;
}

Array array_from(const Sequence& sequence) {
  return Array::from(sequence.values, {sequence.n, sequence.steps, sequence.width});
}

Array array_from(const Tokens& tokens) {
  std::vector<std::int32_t> all;
  all.reserve(3 * tokens.ids.size());
  for (std::int64_t i = 0; i < tokens.n; ++i) {
    for (const auto* row : {&tokens.ids, &tokens.mask, &tokens.segments}) {
      const auto begin = row->begin() + i * tokens.tokens;
      all.insert(all.end(), begin, begin + tokens.tokens);
    }
  }
  return Array::from(std::move(all), {tokens.n, 3, tokens.tokens});
}

// (n, 4, 2): one-hot, of no and of yes. What is unknown is NaN in both.
Array one_hot(const Split& split) {
  std::vector<float> values;
  for (const float yes : split.labels) values.insert(values.end(), {1.0f - yes, yes});
  return Array::from(std::move(values), {split.size(), split.label_width, 2});
}

bool has_labels(const Split& split) {
  return std::ranges::any_of(split.labels, [](float label) { return !std::isnan(label); });
}

void add_split(Safetensors& file, const std::string& name, const Split& split) {
  if (split.size() == 0) return;
  for (const Modality m : {Modality::language, Modality::audio, Modality::vision})
    if (const Sequence& sequence = sequence_of(split, m); sequence.width > 0)
      file.arrays.push_back({tensor_name(name, m), array_from(sequence)});
  if (has_labels(split) && split.label_width == label_width(Task::emotion)) {
    file.arrays.push_back({name + ".labels", one_hot(split)});
  } else if (has_labels(split)) {
    file.arrays.push_back({name + ".regression_labels", Array::from(split.labels, {split.size()})});
  }
  if (!split.classes.empty())
    file.metadata[name + ".classification_labels"] = json(split.classes).dump();
  if (split.bert.n > 0) file.arrays.push_back({name + ".text_bert", array_from(split.bert)});
  file.metadata[name + ".id"] = json(split.ids).dump();
  file.metadata[name + ".raw_text"] = json(split.raw_text).dump();
}

}  // namespace

RawDataset splits_from_tensors(const Safetensors& file, const FeatureOptions& options) {
  const auto format = file.metadata.find(kFormatKey);
  if (format == file.metadata.end() || format->second != kFormat) {
    fail("it is a safetensors file, but not one of features that `dmd convert` has written");
  }
  RawDataset out;
  for (std::size_t i = 0; i < out.splits.size(); ++i) {
    const std::string name = kSplitNames[i];
    const bool there = std::ranges::any_of(kModalities, [&](Modality m) {
      return find(file.arrays, tensor_name(name, m)) != nullptr;
    });
    const bool named = file.metadata.contains(name + ".id");
    if (!there && !named && options.need_all_splits)
      fail("it has no tensor {}.text, {}.audio or {}.vision: there are {}", name, name, name,
           names_of(file.arrays));
    if (there || named) out.splits[i] = split_from(file, name, options);
  }
  return out;
}

Safetensors tensors_from(const Dataset& data) {
  Safetensors file;
  file.metadata[kFormatKey] = kFormat;
  for (const std::string name : kSplitNames) add_split(file, name, data.split(name));
  return file;
}

}  // namespace dmd
