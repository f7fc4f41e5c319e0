// The program dmd as a process that may be killed, may hang, and may have a library preloaded.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace faults {

using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;  // beside the tests' own

struct Ended {
  int status = -1;  // of an exit; -1 where a signal ended it
  int signal = 0;
  bool hung = false;  // it was killed because it took too long
  std::string out, err;
};

class Process {
 public:
  // Starts `dmd WORDS...` in the folder. What it prints goes to files beside the folder.
  Process(const std::filesystem::path& folder, const Words& words,
          const Environment& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number);
  void kill();
  // Waits for its end, or kills it after a time that no program here needs.
  Ended wait();

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
};

Ended run(const std::filesystem::path& folder, const Words& words,
          const Environment& environment = {});

}  // namespace faults
