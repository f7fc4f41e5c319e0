#include "dmd/config/authors_json.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dmd/config/json_object.h"
#include "engine/error.h"

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCommon = "commonParams";
constexpr const char* kByDataSet = "datasetParams";

bool is_model_part(const Json& value) {
  return value.is_object() && value.contains(kByDataSet) && value[kByDataSet].is_object();
}

std::vector<std::string> models_in(const Json& nested) {
  std::vector<std::string> names;
  for (const auto& [key, value] : nested.items())
    if (is_model_part(value)) names.push_back(key);
  return names;
}

std::vector<std::string> data_sets_in(const Json& part) {
  std::vector<std::string> names;
  for (const auto& [key, value] : part[kByDataSet].items()) names.push_back(key);
  return names;
}

// The wanted name, or the only one; "" where neither is there.
std::string chosen(const std::vector<std::string>& names, std::string_view wanted) {
  if (std::ranges::find(names, wanted) != names.end()) return std::string(wanted);
  return names.size() == 1 ? names.front() : "";
}

void set(Json& object, const std::string& key, const Json& value, std::string_view theirs,
         std::string_view where) {
  if (object.contains(key) && object[key] != value)
    trine::fail("{}: {} says that {} is {}, and {} says {}: leave one of them out", where, theirs,
                key, shown(value), key, shown(object[key]));
  object[key] = value;
}

struct AuthorsKey {
  std::string_view name, meaning;
};

constexpr std::array kAuthorsKeys{
    AuthorsKey{"weight_decay",
               "is passed over: Adam has no weight decay here, nor in the authors' program, which "
               "reads the key and does not use it"},
    AuthorsKey{"use_bert",
               "is passed over: text_encoder=bert and text_encoder_path=DIR stand for it here, and "
               "without them the text is the field 'text' of the data"},
    AuthorsKey{"transformers", "is passed over: text_encoder stands for it here, bert or roberta"},
    AuthorsKey{"pretrained",
               "is passed over: text_encoder_path stands for it here, the folder of the encoder"},
    AuthorsKey{"need_data_aligned", "is passed over: the file that --data names is what it is"},
    AuthorsKey{"need_model_aligned", "is passed over: the file that --data names is what it is"},
    AuthorsKey{"need_normalized", "is passed over: features are read as they are"},
    AuthorsKey{"KeyEval", "is passed over: the validation loss chooses the best epoch here"},
};

// Of models that have no key of that name.
std::string about_mask(const Json& value, std::string_view where) {
  if (value != Json(true))
    trine::fail(
        "{}: attn_mask is {}, and this model always masks: a time step attends to earlier ones "
        "alone, as with true",
        where, shown(value));
  return "is passed over: this model masks later time steps anyway";
}

}  // namespace

bool is_nested(const Json& object) { return !models_in(object).empty(); }

Json chosen_part(const Json& nested, std::string_view where, std::string_view model,
                 std::string_view data_set) {
  const std::vector<std::string> models = models_in(nested);
  const std::string name = chosen(models, model);
  if (name.empty())
    trine::fail("{}: it holds configurations of {}, and none of {}: choose one with --model", where,
                fmt::join(models, ", "), model);
  const Json& part = nested[name];
  const std::vector<std::string> data_sets = data_sets_in(part);
  if (data_sets.empty()) trine::fail("{}: {} of {} is empty", where, kByDataSet, name);
  const std::string of = chosen(data_sets, data_set);
  if (of.empty() || (!data_set.empty() && of != data_set))
    trine::fail(
        "{}: it holds configurations for {}: choose one behind the file's name, such as {}#{}",
        where, fmt::join(data_sets, ", "), where, data_sets.front());
  Json object = part.value(kCommon, Json::object());
  if (!object.is_object() || !part[kByDataSet][of].is_object())
    trine::fail("{}: {} of {} and {} should be objects of keys", where, kCommon, name, of);
  object.update(part[kByDataSet][of]);
  object["model"] = name;
  return object;
}

Json in_our_keys(const Json& object, std::string_view where) {
  Json ours = Json::object();
  for (const auto& [key, value] : object.items())
    if (key != "lens" && key != "dst_feature_dim_nheads") ours[key] = value;
  if (object.contains("lens")) set(ours, "seq_lens", object["lens"], "lens", where);
  if (!object.contains("dst_feature_dim_nheads")) return ours;
  const Json& both = object["dst_feature_dim_nheads"];
  if (!both.is_array() || both.size() != 2)
    trine::fail("{}: dst_feature_dim_nheads must be [width, heads], not {}", where, shown(both));
  set(ours, "dst_feature_dim", both[0], "dst_feature_dim_nheads", where);
  set(ours, "nheads", both[1], "dst_feature_dim_nheads", where);
  return ours;
}

std::optional<std::string> about_authors_key(std::string_view key, const Json& value,
                                             std::string_view where) {
  if (key == "attn_mask") return about_mask(value, where);
  if (key == "use_bert" && value == Json(false))
    return "is passed over: the text is the field 'text' of the data, as it says";
  const auto found = std::ranges::find(kAuthorsKeys, key, &AuthorsKey::name);
  return found == kAuthorsKeys.end() ? std::nullopt : std::optional(std::string(found->meaning));
}

}  // namespace dmd
