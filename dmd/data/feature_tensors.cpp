#include "dmd/data/feature_tensors.h"

#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

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

Array required(const Safetensors& file, const std::string& name) {
  const Array* array = find(file.arrays, name);
  if (array == nullptr) fail("it has no tensor {}: there are {}", name, names_of(file.arrays));
  return *array;
}

std::vector<std::string> strings_from(const Metadata& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  if (found == metadata.end()) fail("its metadata has no {}", name);
  try {
    return json::parse(found->second).get<std::vector<std::string>>();
  } catch (const json::exception&) {
    fail("its metadata gives as {} something that is not a JSON list of strings", name);
  }
}

bool any_text(const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [](const std::string& text) { return !text.empty(); });
}

RawSplit split_from(const Safetensors& file, const std::string& name, bool need_labels) {
  RawSplit out;
  out.ids = strings_from(file.metadata, name + ".id");
  out.raw_text = strings_from(file.metadata, name + ".raw_text");
  if (const Array* text = find(file.arrays, name + ".text")) out.text = *text;
  out.audio = required(file, name + ".audio");
  out.vision = required(file, name + ".vision");
  const std::string labels_name = name + ".regression_labels";
  if (need_labels) required(file, labels_name);
  if (const Array* labels = find(file.arrays, labels_name)) {
    if (labels->rank() != 1) {
      fail("{} is {}, and one number a sample is expected", labels_name, to_string(*labels));
    }
    out.labels = labels->to_f32();
  }
  if (const Array* bert = find(file.arrays, name + ".text_bert")) out.bert = *bert;
  if (!out.text && !out.bert && !any_text(out.raw_text)) required(file, name + ".text");
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

bool has_labels(const Split& split) {
  return std::ranges::any_of(split.labels, [](float label) { return !std::isnan(label); });
}

void add_split(Safetensors& file, const std::string& name, const Split& split) {
  if (split.size() == 0) return;
  if (split.text.steps > 0) file.arrays.push_back({name + ".text", array_from(split.text)});
  file.arrays.push_back({name + ".audio", array_from(split.audio)});
  file.arrays.push_back({name + ".vision", array_from(split.vision)});
  if (has_labels(split)) {
    file.arrays.push_back({name + ".regression_labels", Array::from(split.labels, {split.size()})});
  }
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
    const bool there = find(file.arrays, name + ".audio") != nullptr;
    if (there || options.need_all_splits)
      out.splits[i] = split_from(file, name, options.need_labels);
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
