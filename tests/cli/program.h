// The program as its users meet it: started from a shell.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.h"

namespace cli_test {

using Json = nlohmann::json;

struct Result {
  int status = 0;
  std::string out, err;
};

// A model so small that training takes a moment.
inline constexpr const char* kTrainFlags =
    "train --data synthetic:40 --config tiny --threads 2 --set nlevels=1 --set "
    "dst_feature_dim=10 --set nheads=2";

// A folder to run in, gone with the test.
class Shell {
 public:
  // `line` is a command line in which dmd is the program and $DMD its path.
  Result run(const std::string& line) const {
    const int raw = std::system(
        fmt::format("cd '{}' && export DMD='{}/bin/dmd' && dmd() {{ \"$DMD\" \"$@\"; }} && "
                    "( {} ) >'{}' 2>'{}' </dev/null",
                    here().string(), TRINE_BINARY_DIR, line, out().string(), err().string())
            .c_str());
    return {.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1,
            .out = dmd::contents_of(out()),
            .err = dmd::contents_of(err())};
  }

  Result train(const std::string& flags) const {
    return run(fmt::format("dmd {} {}", kTrainFlags, flags));
  }

  std::filesystem::path operator/(std::string_view name) const { return here() / name; }

 private:
  std::filesystem::path here() const { return (folder_ / "x").parent_path(); }
  std::filesystem::path out() const { return folder_ / ".out"; }
  std::filesystem::path err() const { return folder_ / ".err"; }

  dmd::TemporaryFolder folder_;
};

// What the authors' program gave for one small model.
inline std::filesystem::path golden_folder() {
  return std::filesystem::path(TRINE_SOURCE_DIR) / "tests/golden/data/dmd_small";
}

// The history of a run without its last column, the seconds.
inline std::string measurements(const std::filesystem::path& run) {
  std::string all;
  std::istringstream lines(dmd::contents_of(run / "history.csv"));
  for (std::string line; std::getline(lines, line);) all += line.substr(0, line.rfind(',')) + "\n";
  return all;
}

// One line that begins with "dmd: ", holds `sentence`, and nothing on standard output.
inline void expect_error(const Result& result, int status, const std::string& sentence) {
  EXPECT_EQ(result.status, status);
  EXPECT_THAT(result.err, testing::StartsWith("dmd: "));
  EXPECT_THAT(result.err, testing::HasSubstr(sentence));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_EQ(result.out, "");
}

}  // namespace cli_test
