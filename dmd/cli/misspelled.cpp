#include "dmd/cli/misspelled.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dmd/config/fields.h"
#include "dmd/config/spelling.h"
#include "dmd/models/registry.h"

namespace dmd::cli {
namespace {

// What other programs call these keys.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kOtherNames{{
    {"lr", "learning_rate"},
    {"bs", "batch_size"},
    {"batch", "batch_size"},
    {"dropout", "output_dropout"},
    {"clip", "grad_clip"},
    {"hidden_dim", "dst_feature_dim"},
    {"layers", "nlevels"},
}};

// The configuration key that an option without its dashes names; empty where it names none.
std::string key_called(std::string option) {
  std::ranges::replace(option, '-', '_');
  for (const auto& [other, key] : kOtherNames)
    if (option == other) return std::string(key);
  if (find_field(option)) return option;
  for (const ModelDef* model : all_models())
    if (std::ranges::find(model->keys, option, &Key::name) != model->keys.end()) return option;
  return "";
}

std::string nearest(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto found = nearest_name(word, candidates);
  return found ? fmt::format("; did you mean '{}'?", *found) : "";
}

// The word after the option, or after its "=".
std::string value_behind(const std::vector<std::string>& words, std::size_t at,
                         std::size_t equals) {
  if (equals != std::string::npos) return words[at].substr(equals + 1);
  const bool is_value = at + 1 < words.size() && !words[at + 1].starts_with("--");
  return is_value ? words[at + 1] : "VALUE";
}

std::optional<std::string> about_option(const Command& command,
                                        const std::vector<std::string>& words, std::size_t at) {
  const std::size_t equals = words[at].find('=');
  const std::string name = words[at].substr(0, equals);
  const std::vector<std::string> known = command.options();
  if (std::ranges::find(known, name) != known.end()) return std::nullopt;
  const std::string key = key_called(name.substr(2));
  if (!key.empty() && std::ranges::find(known, "--set") != known.end())
    return fmt::format(
        "dmd {} has no option {}: it is a key of the configuration, so say --set "
        "{}={}",
        command.name(), name, key, value_behind(words, at, equals));
  return fmt::format("dmd {} has no option {}{}", command.name(), name, nearest(name, known));
}

}  // namespace

std::optional<std::string> misspelled(const Command& program,
                                      const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with("-")) return std::nullopt;
  const std::vector<std::string> commands = program.commands();
  if (std::ranges::find(commands, words.front()) == commands.end())
    return fmt::format("there is no command '{}'{}", words.front(),
                       nearest(words.front(), commands));
  const Command command = program.command(words.front());
  for (std::size_t i = 1; i < words.size() && words[i] != "--"; ++i)
    if (words[i].starts_with("--"))
      if (auto said = about_option(command, words, i)) return said;
  return std::nullopt;
}

}  // namespace dmd::cli
