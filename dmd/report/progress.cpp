#include "dmd/report/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace dmd {
namespace {

constexpr int kBarWidth = 24;
constexpr std::string_view kWipe = "\r\x1b[K";  // to the start of the line, then erase the line

}  // namespace

Screen screen_of(std::FILE* stream) {
  const int descriptor = fileno(stream);
  Screen screen{.terminal = isatty(descriptor) == 1};
  winsize size{};
  if (screen.terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    screen.columns = size.ws_col;
  return screen;
}

std::string bar(std::int64_t done, std::int64_t total, int width) {
  const std::int64_t filled =
      total > 0 ? std::clamp<std::int64_t>(done * width / total, 0, width) : 0;
  return fmt::format("[{:-<{}}]", std::string(static_cast<std::size_t>(filled), '#'), width);
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

Progress::Progress(std::ostream& out, Screen screen) : out_(out), screen_(screen) {}

Progress::~Progress() { wipe(); }

void Progress::begin(std::string label, std::int64_t total) {
  wipe();
  label_ = std::move(label);
  done_ = 0;
  total_ = total;
  began_ = Clock::now();
}

void Progress::advance(std::string_view note) {
  ++done_;
  if (!screen_.terminal) return;
  const auto now = Clock::now();
  const bool fresh = visible_ && now - drawn_ < screen_.redraw;
  if (fresh && done_ < total_) return;
  drawn_ = now;
  out_ << kWipe << drawing(note) << std::flush;
  visible_ = true;
}

void Progress::line(std::string_view text) {
  wipe();
  out_ << text << '\n' << std::flush;
}

std::string Progress::drawing(std::string_view note) const {
  const std::chrono::duration<double> spent = Clock::now() - began_;
  const double left =
      spent.count() / static_cast<double>(done_) * static_cast<double>(total_ - done_);
  std::string text = fmt::format("{} {} {}/{}  {}  {} left", label_, bar(done_, total_, kBarWidth),
                                 done_, total_, note, duration(left));
  // A line as long as the terminal is wide would wrap, and only its last row could be wiped.
  const auto longest = static_cast<std::size_t>(std::max(screen_.columns - 1, 1));
  return text.substr(0, longest);
}

void Progress::wipe() {
  if (visible_) out_ << kWipe << std::flush;
  visible_ = false;
}

}  // namespace dmd
