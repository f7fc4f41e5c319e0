#include "dmd/config/config_json.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dmd/config/authors_json.h"
#include "dmd/config/fields.h"
#include "dmd/config/json_object.h"
#include "dmd/config/json_values.h"
#include "dmd/config/spelling.h"
#include "engine/error.h"

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

// The key of the encoder's sizes: not a setting, as they are those of its folder.
constexpr const char* kTextModel = "text_model";

// ---- Keys of every model ----

std::string_view expected(const std::string&) { return "text"; }
std::string_view expected(TextEncoder) { return "none, bert or roberta"; }
std::string_view expected(Nonfinite) { return "refuse or zero"; }
std::string_view expected(const ModalitySet&) {
  return "some of text, audio and vision, separated by commas";
}
std::string_view expected(trine::Precision) { return "f32 or tf32"; }
std::string_view expected(Task) { return "regression, classification or emotion"; }
std::string_view expected(MetricSet) { return "mosi, sims or mult"; }
std::string_view expected(bool) { return "true or false"; }
std::string_view expected(double) { return "a number"; }
std::string_view expected(std::uint64_t) { return "a whole number, 0 or more"; }
std::string_view expected(std::int64_t) { return "a whole number"; }
std::string_view expected(const SizeList&) { return "three whole numbers (l, a, v)"; }
std::string_view expected(const std::vector<std::string>&) { return "a list of names"; }

template <class T>
bool in_range(const Range& range, const T& value) {
  if constexpr (std::is_same_v<T, SizeList>) {
    for (std::int64_t item : value)
      if (!range.contains(static_cast<double>(item))) return false;
    return true;
  } else if constexpr (std::is_arithmetic_v<T>) {
    return range.contains(static_cast<double>(value));
  } else {
    return true;
  }
}

template <class T>
void store(Config& config, const Field& field, T Config::*member, const Json& json,
           std::string_view where) {
  T value{};
  if (!take(json, value) || !in_range(field.range, value)) {
    trine::fail("{}: configuration key '{}' must be {}{}, not {}", where, field.name,
                expected(value), field.range.describe(), shown(json));
  }
  config.*member = std::move(value);
}

Json json_of(const Config& config, const Field& field) {
  return std::visit(
      [&]<class T>(T Config::*member) -> Json {
        if constexpr (std::is_enum_v<T> || std::is_same_v<T, ModalitySet>) {
          return name_of(config.*member);
        } else {
          return config.*member;
        }
      },
      field.member);
}

// ---- Keys of a model ----

void store(Settings& settings, const Key& key, const Json& json, std::string_view where) {
  Value value = key.standard;
  const bool taken = std::visit([&](auto& of_type) { return take(json, of_type); }, value);
  if (!taken || !fits(key, value)) {
    trine::fail("{}: configuration key '{}' must be {}, not {}", where, key.name, expected_of(key),
                shown(json));
  }
  settings.set(key.name, std::move(value));
}

Json json_of(const Settings& settings, const Key& key) {
  return std::visit([](const auto& value) -> Json { return value; }, settings.value(key.name));
}

// ---- Either ----

[[noreturn]] void fail_unknown(const Config& config, std::string_view name,
                               std::string_view where) {
  std::vector<std::string_view> names;
  for (const Field& field : fields()) names.push_back(field.name);
  for (const Key& key : config.settings.keys()) names.push_back(key.name);
  trine::fail("{}: unknown configuration key '{}' of the model {}{}", where, name, config.model,
              suggestion(name, names));
}

void store(Config& config, std::string_view name, const Json& json, std::string_view where) {
  if (const Field* field = find_field(name)) {
    std::visit([&](auto member) { store(config, *field, member, json, where); }, field->member);
  } else if (const Key* key = config.settings.find(name)) {
    store(config.settings, *key, json, where);
  } else {
    fail_unknown(config, name, where);
  }
}

// Calls visit(name, json, meaning) for every key in the order of files.
template <class Visit>
void for_each_key(const Config& config, Visit visit) {
  for (const Field& field : fields()) {
    visit(field.name, json_of(config, field), field.meaning);
    if (field.name != "model") continue;
    for (const Key& key : config.settings.keys())
      visit(key.name, json_of(config.settings, key), key.meaning);
  }
}

// ---- Whole configurations ----

void check_encoder(const Config& config, std::string_view where) {
  if (config.text_encoder == TextEncoder::none && !config.text_encoder_path.empty()) {
    trine::fail(
        "{}: text_encoder_path names a folder and text_encoder is none: say bert or roberta",
        where);
  }
  if (config.text_encoder != TextEncoder::none && !config.reads(Modality::language)) {
    trine::fail("{}: text_encoder is {}, and modalities ({}) leave the text out: set it to none",
                where, name_of(config.text_encoder), name_of(config.modalities));
  }
}

std::string model_of(const Json& object, std::string_view where, std::string_view model) {
  if (!object.contains("model")) return std::string(model);
  std::string named;
  if (!take(object["model"], named))
    trine::fail("{}: configuration key 'model' must be text, not {}", where,
                shown(object["model"]));
  return named;
}

void apply_setting(Config& config, std::string_view setting) {
  const std::string where = fmt::format("--set {}", setting);
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos) {
    trine::fail("{}: expected key=value, for example --set batch_size=32", where);
  }
  const std::string_view name = setting.substr(0, equals), text = setting.substr(equals + 1);
  if (name == "model")
    trine::fail("{}: a model has keys of its own, so it is chosen with --model", where);
  Json json = text;
  if (const Field* field = find_field(name)) {
    json =
        std::visit([&](auto member) { return json_of_text(text, config.*member); }, field->member);
  } else if (const Key* key = config.settings.find(name)) {
    json = std::visit([&](const auto& like) { return json_of_text(text, like); }, key->standard);
  }
  store(config, name, json, where);
}

bool is_fixture(const Json& object) {
  return object.contains("config") && object["config"].is_object();
}

Json configuration_of_fixture(const Json& fixture) {
  Json object = fixture["config"];
  if (fixture.contains("model")) object["model"] = fixture["model"];
  return object;
}

// A key of the authors' programs that says nothing here; a note says why.
bool is_passed_over(const Config& config, const std::string& key, const Json& value,
                    std::string_view where, std::vector<std::string>* notes) {
  if (find_field(key) || config.settings.find(key)) return false;
  const std::optional<std::string> about = about_authors_key(key, value, where);
  if (about && notes) notes->push_back(fmt::format("{}: {} {}", where, key, *about));
  return about.has_value();
}

// What a text says in keys of the model's authors, put into ours.
class ForeignKeys {
 public:
  explicit ForeignKeys(const ModelKeys& keys) : theirs_(keys.foreign), adopt_(keys.adopt) {}

  // False for a key that is none of them.
  bool take(std::string_view name, const Json& json, std::string_view where) {
    const Key* key = theirs_.find(name);
    if (!key) return false;
    store(theirs_, *key, json, where);
    any_ = true;
    return true;
  }

  void adopt_into(Config& ours, std::string_view where) const {
    if (!any_) return;
    try {
      adopt_(theirs_, ours);
    } catch (const trine::Error& error) {
      trine::fail("{}: {}", where, error.what());
    }
  }

 private:
  Settings theirs_;
  void (*adopt_)(const Settings&, Config&);
  bool any_ = false;
};

}  // namespace

Config parsed_config(const ConfigText& from, const KeysOf& keys_of,
                     std::vector<std::string>* notes) {
  const std::string_view where = from.where;
  Json object = parsed_object(from.text, where);
  if (is_fixture(object)) object = configuration_of_fixture(object);
  if (is_nested(object)) {
    object = chosen_part(object, where, from.model, from.data_set);
  } else if (!from.data_set.empty()) {
    trine::fail("{}: it holds one configuration, and none for the data set {}: leave #{} out",
                where, from.data_set, from.data_set);
  }
  object = in_our_keys(object, where);
  Config config;
  config.model = model_of(object, where, from.model);
  const ModelKeys keys = keys_of(config.model, where);
  config.settings = Settings(keys.own);
  ForeignKeys foreign(keys);
  for (const auto& [key, value] : object.items()) {
    if (key == kTextModel)
      config.text_model = encoder_config_from(value, fmt::format("{}, {}", where, kTextModel));
    else if (!foreign.take(key, value, where) && !is_passed_over(config, key, value, where, notes))
      store(config, key, value, where);
  }
  foreign.adopt_into(config, where);
  check_encoder(config, where);
  return config;
}

std::string to_json(const Config& config) {
  Json object = Json::object();
  for_each_key(config, [&](std::string_view name, Json value, std::string_view) {
    object[std::string(name)] = std::move(value);
  });
  if (config.text_model) object[kTextModel] = json_of(*config.text_model);
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Config applied(Config config, std::span<const std::string> settings) {
  const auto encoder_of = [](const Config& c) {
    return std::pair(c.text_encoder, c.text_encoder_path);
  };
  const auto before = encoder_of(config);
  for (const std::string& setting : settings) apply_setting(config, setting);
  if (encoder_of(config) != before) config.text_model.reset();  // the sizes of another encoder
  check_encoder(config, "--set");
  return config;
}

std::string describe_keys(const Config& defaults) {
  std::string text;
  for_each_key(defaults, [&](std::string_view name, const Json& value, std::string_view meaning) {
    text += fmt::format("  {:<26} {:<12} {}\n", name, value.dump(), meaning);
  });
  return text;
}

}  // namespace dmd
