// Exported models run by ONNX Runtime: models and expected values are written to a folder, and
// check.py compares them there.
#pragma once

#include <sys/wait.h>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/io/safetensors.h"
#include "engine/onnx/model.h"
#include "tests/support/temporary_folder.h"

namespace trine::onnx {

inline const std::filesystem::path kVenv = std::filesystem::path(TRINE_SOURCE_DIR) / ".venv";

inline std::filesystem::path python() { return kVenv / "bin/python"; }

// scripts/setup-python writes the file when all packages are in.
#define TRINE_NEEDS_ONNX_RUNTIME()                                    \
  if (!std::filesystem::exists(trine::onnx::kVenv / "installed.txt")) \
  GTEST_SKIP() << "there is no .venv with ONNX Runtime: scripts/setup-python makes it"

// Runs a Python script and returns what it printed; a failure unless it exits with 0.
inline std::string run_python(const std::string& arguments) {
  const TemporaryFolder folder;
  const std::filesystem::path out = folder / "out";
  const int status = std::system(
      fmt::format("'{}' {} >'{}' 2>&1", python().string(), arguments, out.string()).c_str());
  const std::string printed = contents_of(out);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0) << printed;
  return printed;
}

class Comparison {
 public:
  void add_model(const std::string& name, const Model& model) {
    std::filesystem::create_directory(folder_ / name);
    write_model(folder_ / name / "model.onnx", model);
  }

  // A run of the model: its inputs, and the outputs that it should give.
  void add_run(const std::string& model, const std::string& run, const io::NamedArrays& inputs,
               const io::NamedArrays& outputs) {
    io::NamedArrays arrays;
    for (const io::NamedArray& input : inputs)
      arrays.push_back({"input." + input.name, input.array});
    for (const io::NamedArray& output : outputs)
      arrays.push_back({"output." + output.name, output.array});
    io::write_safetensors(folder_ / model / (run + ".safetensors"), arrays);
    ++runs_;
  }

  // To 1e-4 of the largest value of each output.
  void expect_agreement() const {
    ASSERT_GT(runs_, 0);
    const std::string printed = run_python(
        fmt::format("'{}/tests/onnx/check.py' '{}'", TRINE_SOURCE_DIR, folder_.path().string()));
    EXPECT_THAT(printed, testing::HasSubstr(fmt::format("\n{} runs, ", runs_)));
  }

 private:
  TemporaryFolder folder_;
  int runs_ = 0;
};

}  // namespace trine::onnx
