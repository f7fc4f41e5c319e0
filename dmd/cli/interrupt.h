// Ctrl-C and termination as a question that work asks between two steps.
#pragma once

#include <csignal>

namespace dmd::cli {

// While one lives, the first SIGINT or SIGTERM only sets a flag; a second one ends the program as
// usual. At most one at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool requested() const;

 private:
  struct sigaction previous_interrupt_ {
  }, previous_terminate_{};
};

}  // namespace dmd::cli
