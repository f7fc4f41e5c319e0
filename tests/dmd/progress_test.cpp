#include "dmd/report/progress.h"

#include <sstream>

#include <gmock/gmock.h>

namespace dmd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Screen kFile{};
constexpr Screen kTerminal{.terminal = true, .columns = 80, .redraw = std::chrono::milliseconds(0)};

TEST(Progress, BarsFillFromTheLeft) {
  EXPECT_EQ(bar(0, 4, 8), "[--------]");
  EXPECT_EQ(bar(1, 4, 8), "[##------]");
  EXPECT_EQ(bar(4, 4, 8), "[########]");
  EXPECT_EQ(bar(9, 4, 8), "[########]");
  EXPECT_EQ(bar(0, 0, 8), "[--------]");
}

TEST(Progress, DurationsAreShort) {
  EXPECT_EQ(duration(0.4), "0 s");
  EXPECT_EQ(duration(41), "41 s");
  EXPECT_EQ(duration(187), "3:07");
  EXPECT_EQ(duration(7209), "2:00:09");
}

TEST(Progress, AFileGetsTheLinesAlone) {
  std::ostringstream out;
  {
    Progress progress(out, kFile);
    progress.begin("epoch 1/2", 2);
    progress.advance("loss 1");
    progress.advance("loss 2");
    progress.line("epoch 1 done");
  }
  EXPECT_EQ(out.str(), "epoch 1 done\n");
}

TEST(Progress, ATerminalGetsABarThatRedrawsItself) {
  std::ostringstream out;
  Progress progress(out, kTerminal);
  progress.begin("epoch 1/2", 2);
  progress.advance("loss 1.5");
  EXPECT_EQ(out.str(), "\r\x1b[Kepoch 1/2 [############------------] 1/2  loss 1.5  0 s left");
}

TEST(Progress, ALineReplacesTheBar) {
  std::ostringstream out;
  Progress progress(out, kTerminal);
  progress.begin("epoch 1/2", 2);
  progress.advance("");
  progress.line("saved");
  EXPECT_THAT(out.str(), EndsWith("left\r\x1b[Ksaved\n"));
}

TEST(Progress, LeavesACleanLineBehind) {
  std::ostringstream out;
  {
    Progress progress(out, kTerminal);
    progress.begin("epoch 1/2", 2);
    progress.advance("");
  }
  EXPECT_THAT(out.str(), EndsWith("\r\x1b[K"));
}

TEST(Progress, ABarNeverReachesTheEdgeOfANarrowTerminal) {
  std::ostringstream out;
  Progress progress(out, {.terminal = true, .columns = 20});
  progress.begin("epoch 1/2", 2);
  progress.advance("loss 1.5");
  EXPECT_EQ(out.str(), "\r\x1b[Kepoch 1/2 [########");
}

TEST(Progress, DrawsTheLastStepHoweverSoon) {
  std::ostringstream out;
  Progress progress(out, {.terminal = true, .columns = 80, .redraw = std::chrono::hours(1)});
  progress.begin("epoch 1/1", 3);
  for (int step = 0; step < 3; ++step) progress.advance("");
  EXPECT_THAT(out.str(), HasSubstr("1/3"));
  EXPECT_THAT(out.str(), Not(HasSubstr("2/3")));
  EXPECT_THAT(out.str(), HasSubstr("3/3"));
}

TEST(Progress, APlainFileIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(screen_of(file).terminal);
  std::fclose(file);
}

}  // namespace
}  // namespace dmd
