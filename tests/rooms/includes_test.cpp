// Includes point down (docs/architecture.md): every #include of the sources is read and judged.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace dmd {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

// Rooms by height: a room may include those below it and itself, and none beside it.
const std::map<std::string, int> kHeights{
    {"engine", 0},         {"backends", 1},    {"dmd/config", 2}, {"dmd/metrics", 2},
    {"dmd/data", 3},       {"dmd/report", 3},  {"dmd/text", 4},   {"dmd/models", 5},
    {"dmd/checkpoint", 6}, {"dmd/runtime", 7}, {"dmd/verify", 7}, {"dmd/export", 8},
    {"dmd/bench", 8},      {"dmd/train", 8},   {"dmd/cli", 9},
};

// What the sources of a room may also include, though it is no room of the library.
bool is_kernel_source(const std::string& path) {
  return path.starts_with("cuda/") || path.starts_with("shaders/");
}

// The room of a path from the root of the sources; nothing for a file that is in none.
std::optional<std::string> room_of(const std::string& path) {
  const std::size_t first = path.find('/');
  if (first == std::string::npos) return std::nullopt;
  std::string room = path.substr(0, first);
  if (room == "dmd") room = path.substr(0, path.find('/', first + 1));
  return kHeights.contains(room) ? std::optional(room) : std::nullopt;
}

// "dmd/models/NAME/" of a path in the folder of a model, which has a model.cpp; else nothing.
std::optional<std::string> model_folder_of(const std::string& path) {
  static const std::regex pattern("(dmd/models/[^/]+/).+");
  std::smatch match;
  if (!std::regex_match(path, match, pattern)) return std::nullopt;
  return fs::exists(fs::path(TRINE_SOURCE_DIR) / match[1].str() / "model.cpp")
             ? std::optional(match[1].str())
             : std::nullopt;
}

// What is wrong with `file` including `included`; empty where nothing is.
std::string fault(const std::string& file, const std::string& included) {
  const auto complaint = [&](const char* why) {
    return file + " includes " + included + ": " + why;
  };
  if (is_kernel_source(included)) return "";
  const auto from = room_of(file), to = room_of(included);
  if (!to) return complaint("that is no room of the library");
  const auto model = model_folder_of(included);
  if (model && !file.starts_with(*model)) return complaint("only the model itself may");
  if (!from || *from == *to) return "";  // dmd/main.cpp stands above all rooms
  return kHeights.at(*to) < kHeights.at(*from) ? "" : complaint("includes point down");
}

std::vector<std::string> includes_of(const fs::path& file) {
  static const std::regex pattern("\\s*#\\s*include\\s+\"([^\"]+)\".*");
  std::ifstream stream(file);
  std::vector<std::string> all;
  std::smatch match;
  for (std::string line; std::getline(stream, line);)
    if (std::regex_match(line, match, pattern)) all.push_back(match[1]);
  return all;
}

std::vector<std::string> sources() {
  std::vector<std::string> all;
  for (const char* top : {"engine", "backends", "dmd"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(TRINE_SOURCE_DIR) / top)) {
      const std::string suffix = entry.path().extension().string();
      if (suffix == ".h" || suffix == ".cpp" || suffix == ".in")
        all.push_back(fs::relative(entry.path(), TRINE_SOURCE_DIR).generic_string());
    }
  return all;
}

TEST(Includes, PointDown) {
  std::vector<std::string> faults;
  int read = 0;
  for (const std::string& file : sources())
    for (const std::string& included : includes_of(fs::path(TRINE_SOURCE_DIR) / file)) {
      ++read;
      if (std::string said = fault(file, included); !said.empty())
        faults.push_back(std::move(said));
    }
  EXPECT_GT(read, 1000);
  EXPECT_THAT(faults, IsEmpty());
}

TEST(Includes, EveryFolderOfTheProgramIsARoom) {
  std::vector<std::string> strange;
  for (const std::string& file : sources())
    if (!room_of(file) && file != "dmd/main.cpp" && file.ends_with(".cpp")) strange.push_back(file);
  EXPECT_THAT(strange, IsEmpty());
}

TEST(Includes, ThatPointUpOrIntoAModelAreFaults) {
  EXPECT_EQ(fault("dmd/train/trainer.cpp", "dmd/models/programs.h"), "");
  EXPECT_EQ(fault("dmd/models/dmd/model.cpp", "dmd/models/dmd/keys.h"), "");
  EXPECT_NE(fault("dmd/models/programs.cpp", "dmd/train/trainer.h"), "");
  EXPECT_NE(fault("dmd/runtime/predictions.cpp", "dmd/verify/fixture.h"), "");  // beside it
  EXPECT_NE(fault("engine/graph.cpp", "backends/backend.h"), "");
  EXPECT_NE(fault("dmd/train/trainer.cpp", "dmd/models/dmd/losses.h"), "");
  EXPECT_NE(fault("dmd/models/programs.cpp", "dmd/models/dmd/losses.h"), "");
  EXPECT_NE(fault("dmd/train/trainer.cpp", "tests/support/plans.h"), "");
}

}  // namespace
}  // namespace dmd
