#include "dmd/config/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dmd/config/fields.h"
#include "dmd/config/json_object.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

// The key of the encoder's sizes: not a setting, as they are those of its folder.
constexpr const char* kTextModel = "text_model";

// ---- Values: take() stores a JSON value of the right type and says whether it was one. ----

bool take(const Json& json, std::string& into) {
  if (!json.is_string()) return false;
  into = json.get<std::string>();
  return true;
}

template <class Choice>
bool take_named(const Json& json, std::initializer_list<Choice> choices, Choice& into) {
  std::string name;
  if (!take(json, name)) return false;
  const auto found =
      std::ranges::find_if(choices, [&](Choice choice) { return name == name_of(choice); });
  if (found == choices.end()) return false;
  into = *found;
  return true;
}

bool take(const Json& json, Variant& into) {
  return take_named(json, {Variant::reference, Variant::paper}, into);
}

bool take(const Json& json, TextEncoder& into) {
  return take_named(json, {TextEncoder::none, TextEncoder::bert, TextEncoder::roberta}, into);
}

bool take(const Json& json, trine::Precision& into) {
  return take_named(json, {trine::Precision::f32, trine::Precision::tf32}, into);
}

bool take(const Json& json, bool& into) {
  if (!json.is_boolean()) return false;
  into = json.get<bool>();
  return true;
}

bool take(const Json& json, double& into) {
  if (!json.is_number()) return false;
  into = json.get<double>();
  return true;
}

bool take(const Json& json, std::uint64_t& into) {
  if (!json.is_number_unsigned()) return false;
  into = json.get<std::uint64_t>();
  return true;
}

bool take(const Json& json, std::int64_t& into) {
  if (!json.is_number_integer()) return false;
  const bool too_large =
      json.is_number_unsigned() &&
      json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (too_large) return false;
  into = json.get<std::int64_t>();
  return true;
}

bool take(const Json& json, SizeList& into) {
  if (!json.is_array() || json.size() != into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i)
    if (!take(json[i], into[i])) return false;
  return true;
}

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

std::string_view expected(const std::string&) { return "text"; }
std::string_view expected(Variant) { return "reference or paper"; }
std::string_view expected(TextEncoder) { return "none, bert or roberta"; }
std::string_view expected(trine::Precision) { return "f32 or tf32"; }
std::string_view expected(bool) { return "true or false"; }
std::string_view expected(double) { return "a number"; }
std::string_view expected(std::uint64_t) { return "a whole number, 0 or more"; }
std::string_view expected(std::int64_t) { return "a whole number"; }
std::string_view expected(const SizeList&) { return "three whole numbers (l, a, v)"; }

template <class T>
constexpr bool is_choice_v = std::is_enum_v<T>;

template <class T>
constexpr bool is_text_v = std::is_same_v<T, std::string> || is_choice_v<T>;

// What a setting's text stands for as JSON; text that fits no number stays text, for take() to
// refuse. Numbers may be written without a leading zero, lists without brackets.
template <class T>
Json json_of(std::string_view text) {
  if constexpr (is_text_v<T>) return text;
  if constexpr (std::is_same_v<T, double>) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && std::isfinite(number) ? Json(number) : Json(text);
  }
  const bool bare_list = std::is_same_v<T, SizeList> && !text.starts_with('[');
  const std::string source = bare_list ? fmt::format("[{}]", text) : std::string(text);
  Json json = Json::parse(source, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(text) : json;
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

Json json_of_member(const Config& config, const Field& field) {
  return std::visit(
      [&]<class T>(T Config::*member) -> Json {
        if constexpr (is_choice_v<T>) {
          return name_of(config.*member);
        } else {
          return config.*member;
        }
      },
      field.member);
}

// ---- Whole configurations ----

void check(const Config& config, std::string_view where) {
  if (config.dst_feature_dim % config.nheads != 0) {
    trine::fail(
        "{}: dst_feature_dim = {} is not a multiple of nheads = {}, and all heads have one "
        "width",
        where, config.dst_feature_dim, config.nheads);
  }
  if (config.text_encoder == TextEncoder::none && !config.text_encoder_path.empty()) {
    trine::fail(
        "{}: text_encoder_path names a folder and text_encoder is none: say bert or roberta",
        where);
  }
}

// Respells the keys of the authors' program that pack or name things otherwise.
Json in_our_keys(const Json& object, std::string_view where) {
  Json ours = Json::object();
  for (const auto& [key, value] : object.items()) {
    if (key == "lens") {
      ours["seq_lens"] = value;
    } else if (key == "dst_feature_dim_nheads") {
      if (!value.is_array() || value.size() != 2) {
        trine::fail("{}: dst_feature_dim_nheads must be [width, heads], not {}", where,
                    shown(value));
      }
      ours["dst_feature_dim"] = value[0];
      ours["nheads"] = value[1];
    } else {
      ours[key] = value;
    }
  }
  return ours;
}

void apply_setting(Config& config, std::string_view setting) {
  const std::string where = fmt::format("--set {}", setting);
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos) {
    trine::fail("{}: expected key=value, for example --set batch_size=32", where);
  }
  const Field& field = field_named(setting.substr(0, equals), where);
  const std::string_view text = setting.substr(equals + 1);
  std::visit(
      [&]<class T>(T Config::*member) { store(config, field, member, json_of<T>(text), where); },
      field.member);
}

}  // namespace

std::string_view name_of(Variant variant) {
  return variant == Variant::reference ? "reference" : "paper";
}

std::int64_t Config::kernel_size(Modality m) const {
  const SizeList sizes{conv1d_kernel_size_l, conv1d_kernel_size_a, conv1d_kernel_size_v};
  return sizes[config_slot(m)];
}

double Config::attention_dropout(Modality m) const {
  const std::array rates{attn_dropout, attn_dropout_a, attn_dropout_v};
  return rates[config_slot(m)];
}

Config config_from_json(std::string_view text, std::string_view where) {
  Json object = parsed_object(text, where);
  const bool is_fixture = object.contains("config") && object["config"].is_object();
  object = in_our_keys(is_fixture ? object["config"] : object, where);

  Config config;
  for (const auto& [key, value] : object.items()) {
    if (key == kTextModel) {
      config.text_model = encoder_config_from(value, fmt::format("{}, {}", where, kTextModel));
      continue;
    }
    const Field& field = field_named(key, where);
    std::visit([&, &json = value](auto member) { store(config, field, member, json, where); },
               field.member);
  }
  check(config, where);
  return config;
}

Config read_config(const std::filesystem::path& file) {
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  return config_from_json(trine::io::text_of(bytes.view), file.string());
}

std::string to_json(const Config& config) {
  Json object = Json::object();
  for (const Field& field : fields())
    object[std::string(field.name)] = json_of_member(config, field);
  if (config.text_model) object[kTextModel] = json_of(*config.text_model);
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Config with_settings(Config config, std::span<const std::string> settings) {
  const auto encoder_of = [](const Config& c) {
    return std::pair(c.text_encoder, c.text_encoder_path);
  };
  const auto before = encoder_of(config);
  for (const std::string& setting : settings) apply_setting(config, setting);
  if (encoder_of(config) != before) config.text_model.reset();  // the sizes of another encoder
  check(config, "--set");
  return config;
}

Config without_dropout(Config config) {
  for (const Field& field : fields()) {
    const bool is_dropout = field.name.find("dropout") != std::string_view::npos;
    if (is_dropout) config.*std::get<double Config::*>(field.member) = 0;
  }
  if (config.text_model) {
    config.text_model->hidden_dropout_prob = 0;
    config.text_model->attention_probs_dropout_prob = 0;
  }
  return config;
}

std::string describe_keys(const Config& defaults) {
  std::string text;
  for (const Field& field : fields()) {
    text += fmt::format("  {:<22} {:<12} {}\n", field.name, json_of_member(defaults, field).dump(),
                        field.meaning);
  }
  return text;
}

}  // namespace dmd
