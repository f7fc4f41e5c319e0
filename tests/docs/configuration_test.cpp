// docs/configuration.md against the table of keys that the program has.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "dmd/config/config.h"
#include "dmd/config/fields.h"
#include "dmd/models/presets.h"

namespace dmd {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The table that the page should hold.
std::string table_of_keys() {
  const auto defaults = nlohmann::json::parse(to_json(preset_named("mosi").config));
  std::string table = "| key | in `mosi` | values | meaning |\n|---|---|---|---|\n";
  for (const Field& field : fields()) {
    const std::string name(field.name);
    table += fmt::format("| `{}` | `{}` |{} | {} |\n", name, defaults.at(name).dump(),
                         field.range.describe(), field.meaning);
  }
  return table;
}

std::string rows_of_presets() {
  std::string rows;
  for (const Preset& preset : presets())
    rows += fmt::format("| `{}` | {} |\n", preset.config.name, preset.meaning);
  return rows;
}

class ConfigurationPage : public testing::Test {
 protected:
  std::string page_ = contents(TRINE_SOURCE_DIR "/docs/configuration.md");
};

TEST_F(ConfigurationPage, HoldsTheTableOfKeys) {
  EXPECT_NE(page_.find(table_of_keys()), std::string::npos)
      << "docs/configuration.md should hold this table:\n"
      << table_of_keys();
}

TEST_F(ConfigurationPage, NamesEveryPreset) {
  EXPECT_NE(page_.find(rows_of_presets()), std::string::npos)
      << "docs/configuration.md should hold these rows:\n"
      << rows_of_presets();
}

}  // namespace
}  // namespace dmd
