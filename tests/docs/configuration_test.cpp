// docs/configuration.md against the table of keys that the program has.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "dmd/config/config.h"
#include "dmd/config/fields.h"
#include "dmd/models/configuration.h"

namespace dmd {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

constexpr const char* kHead = "| key | default | values | meaning |\n|---|---|---|---|\n";

// The keys of every model.
std::string common_table() {
  const auto defaults = nlohmann::json::parse(to_json(default_config()));
  std::string table = kHead;
  for (const Field& field : fields()) {
    const std::string name(field.name);
    table += fmt::format("| `{}` | `{}` |{} | {} |\n", name, defaults.at(name).dump(),
                         field.range.describe(), field.meaning);
  }
  return table;
}

// A model's configurations and its own keys.
std::string section_of(const ModelDef& model) {
  const auto defaults = nlohmann::json::parse(to_json(default_config(model.name)));
  std::string section = fmt::format("## {}\n\n{}.\n\n", model.name, model.paper);
  section += "| configuration | for |\n|---|---|\n";
  for (const Preset& preset : model.presets)
    section += fmt::format("| `{}` | {} |\n", preset.name, preset.meaning);
  section += fmt::format("\n{}", kHead);
  for (const Key& key : model.keys) {
    const std::string name(key.name);
    section += fmt::format("| `{}` | `{}` |{} | {} |\n", name, defaults.at(name).dump(),
                           key.range.describe(), key.meaning);
  }
  return section;
}

class ConfigurationPage : public testing::Test {
 protected:
  std::string page_ = contents(TRINE_SOURCE_DIR "/docs/configuration.md");
};

TEST_F(ConfigurationPage, HoldsTheKeysOfEveryModel) {
  EXPECT_NE(page_.find(common_table()), std::string::npos)
      << "docs/configuration.md should hold this table:\n"
      << common_table();
}

TEST_F(ConfigurationPage, HasASectionForEachModel) {
  for (const ModelDef* model : all_models())
    EXPECT_NE(page_.find(section_of(*model)), std::string::npos)
        << "docs/configuration.md should hold this section:\n"
        << section_of(*model);
}

}  // namespace
}  // namespace dmd
