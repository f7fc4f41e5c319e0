// Where a structured op is named: a table that every new op must be added to would show here.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trine {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Files of the engine, the backends and the build that have the word outside of comments.
std::set<std::string> files_naming(const std::string& word) {
  const fs::path root = TRINE_SOURCE_DIR;
  const std::regex comment("//[^\n]*"), whole("\\b" + word + "\\b");
  std::set<std::string> found;
  for (const char* folder : {"engine", "backends", "shaders", "cuda", "cmake"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file()) continue;
      const std::string text = std::regex_replace(contents(entry.path()), comment, "");
      if (std::regex_search(text, whole)) found.insert(fs::relative(entry.path(), root));
    }
  return found;
}

TEST(PlacesOfAnOp, AreItsOwnFilesAndTheLoopsOfTheProcessor) {
  EXPECT_THAT(files_naming("log_softmax"),
              testing::UnorderedElementsAre(
                  "engine/ops/softmax.h", "engine/ops/softmax.cpp", "engine/onnx/ops/attention.cpp",
                  "backends/cpu/ops/normalization.cpp", "backends/cpu/kernels/kernels.h",
                  "backends/cpu/kernels/level.h", "backends/cpu/kernels/row_reductions.cpp",
                  "backends/cpu/kernels/table.cpp", "backends/vulkan/ops/normalization.cpp",
                  "backends/cuda/ops/normalization.cpp", "cuda/softmax.cu"));
}

}  // namespace
}  // namespace trine
