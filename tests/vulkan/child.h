// Runs tests of this program in a child process: the environment that Vulkan reads (validation,
// vector width, drivers) must stand before the first call of the process.
//
// A test that is to run in a child is named DISABLED_..., so that it runs nowhere else.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <string>

namespace trine {

struct ChildResult {
  int status = -1;     // 0: every test passed
  std::string output;  // both streams
};

inline ChildResult run_child(const std::string& filter,
                             const std::map<std::string, std::string>& env) {
  std::string command = "env";
  for (const auto& [name, value] : env) command += " '" + name + "=" + value + "'";
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  command += " '" + std::string(path.data(), static_cast<std::size_t>(length)) +
             "' --gtest_also_run_disabled_tests '--gtest_filter=" + filter + "' 2>&1";
  ChildResult result;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return result;
  std::array<char, 4096> piece;
  while (const std::size_t n = fread(piece.data(), 1, piece.size(), pipe))
    result.output.append(piece.data(), n);
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace trine
