#include "tests/faults/process.h"

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/error.h"
#include "tests/support/temporary_folder.h"

namespace faults {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongest{60};

std::vector<std::string> merged(const Environment& own) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!own.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : own) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

fs::path beside(const fs::path& folder, const char* suffix) {
  static int count = 0;
  return fmt::format("{}.{}{}", folder.string(), count++, suffix);
}

}  // namespace

Process::Process(const fs::path& folder, const Words& words, const Environment& environment)
    : out_(beside(folder, ".out")), err_(beside(folder, ".err")) {
  std::vector<std::string> line = words;
  line.insert(line.begin(), fmt::format("{}/bin/dmd", TRINE_BINARY_DIR));
  std::vector<std::string> variables = merged(environment);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out_.c_str(), O_WRONLY | O_CREAT, 0666);
  posix_spawn_file_actions_addopen(&actions, 2, err_.c_str(), O_WRONLY | O_CREAT, 0666);
  const int error = posix_spawn(&pid_, line.front().c_str(), &actions, nullptr,
                                pointers(line).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) trine::fail("{} cannot be started", line.front());
}

Process::~Process() {
  if (pid_ < 0) return;
  kill();
  wait();
}

void Process::signal(int number) { ::kill(pid_, number); }

void Process::kill() { signal(SIGKILL); }

Ended Process::wait() {
  const auto deadline = Clock::now() + kLongest;
  Ended ended;
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() > deadline && !ended.hung) {
      ended.hung = true;
      kill();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  pid_ = -1;
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.out = trine::contents_of(out_);
  ended.err = trine::contents_of(err_);
  fs::remove(out_);
  fs::remove(err_);
  return ended;
}

Ended run(const fs::path& folder, const Words& words, const Environment& environment) {
  return Process(folder, words, environment).wait();
}

}  // namespace faults
