// Runs a command, once undisturbed and then with one fault at a time, and judges each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/faults/commands.h"
#include "tests/faults/fault.h"
#include "tests/support/temporary_folder.h"

namespace faults {

enum class Outcome {
  unharmed,   // the command succeeded, and its results are those of the undisturbed run
  explained,  // it failed with one sentence, and the next start made the same results
  killed,     // likewise, without the sentence
};

class Disturbance {
 public:
  explicit Disturbance(Command command);

  // Why the command does not run here, "" where it does.
  const std::string& obstacle() const { return obstacle_; }

  // Of the undisturbed run.
  const Log& log() const { return log_; }

  // Runs it with a fault. What is wrong then is a failure of the test.
  Outcome with(const Fault& fault);

  // Starts it, kills it after the time, and goes on.
  Outcome killed_after(double seconds);

  // Of the undisturbed run, from its start to its end.
  double seconds() const { return seconds_; }

 private:
  // A folder as the command finds it, and what is beside.
  struct Place {
    trine::TemporaryFolder root;
    Folder folder() const { return root / "work"; }
    Folder log() const { return root / "log"; }
  };

  void fill(const Place& place) const;
  Environment environment(const Place& place, const Fault* fault) const;
  void expect_undisturbed(const Place& place, const Ended& ended) const;
  void expect_sentence(const Ended& ended, const Fault& fault) const;
  void expect_undamaged(const Place& place) const;
  void expect_nothing_left(const Place& place) const;
  void go_on(const Place& place) const;

  Command command_;
  Place template_;
  std::string obstacle_, out_;
  Results results_;
  Log log_;
  double seconds_ = 0;
};

// The faults of a command's calls: in the suite a draw of them, with a fixed seed.
std::vector<Fault> faults_of(const Log& log);

// A row for each kind of call, as docs/quality.md has them.
class Tally {
 public:
  void add(const std::string& kind, Outcome outcome);
  std::string text(const std::string& command) const;

 private:
  std::map<std::string, std::map<Outcome, int>> counts_;
};

}  // namespace faults
