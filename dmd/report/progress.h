// Progress of a run for a person to watch: on a terminal a bar that redraws itself below lines that
// stay, elsewhere (a file, a pipe) the lines alone. Everything is flushed as it is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>

namespace dmd {

// What the output goes to.
struct Screen {
  bool terminal = false;
  int columns = 80;                       // of a terminal
  std::chrono::milliseconds redraw{100};  // least time between two drawings of the bar
};

// Asks the operating system about a stream such as stderr.
Screen screen_of(std::FILE* stream);

// "[#######---]"; `done` of `total`, `width` cells inside the brackets.
std::string bar(std::int64_t done, std::int64_t total, int width);

// "41 s", "3:07", "2:00:09".
std::string duration(double seconds);

class Progress {
 public:
  Progress(std::ostream& out, Screen screen);
  ~Progress();  // wipes the bar, so that a message after it begins on a clean line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Starts a bar of `total` steps under a label such as "epoch 3/20".
  void begin(std::string label, std::int64_t total);

  // One step is done; `note` ("loss 4.213") stands beside the bar.
  void advance(std::string_view note);

  // A line that stays. The bar, if there is one, moves below it.
  void line(std::string_view text);

 private:
  using Clock = std::chrono::steady_clock;

  std::string drawing(std::string_view note) const;
  void wipe();

  std::ostream& out_;
  Screen screen_;
  std::string label_;
  std::int64_t done_ = 0, total_ = 0;
  Clock::time_point began_, drawn_;
  bool visible_ = false;
};

}  // namespace dmd
