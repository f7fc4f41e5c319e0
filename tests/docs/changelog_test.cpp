// CHANGELOG.md against the version that the build has.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

namespace dmd {
namespace {

// What the pattern's group matches first in the file.
std::string first_match(const std::string& file, const std::string& pattern) {
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(TRINE_SOURCE_DIR) / file).rdbuf();
  const std::string contents = text.str();
  std::smatch match;
  return std::regex_search(contents, match, std::regex(pattern)) ? match[1].str() : "";
}

TEST(ChangeLog, BeginsWithTheVersion) {
  const std::string version = first_match("CMakeLists.txt", R"(project\(trine VERSION ([0-9.]+))");
  ASSERT_NE(version, "");
  EXPECT_EQ(first_match("CHANGELOG.md", R"(\n## ([0-9.]+)\n)"), version);
}

}  // namespace
}  // namespace dmd
