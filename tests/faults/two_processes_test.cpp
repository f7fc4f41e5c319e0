// Two processes at one run folder, one output file and one cache folder.

#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/codegen/cache_file.h"
#include "dmd/train/folder_claim.h"
#include "tests/faults/run_folder.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace faults {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using trine::TemporaryFolder;

// A child process that does something and then, if it is to stay, waits to be killed.
class Child {
 public:
  template <class Do>
  Child(Do&& act, bool stays) {
    int ready[2];
    if (::pipe(ready) != 0) trine::fail("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      act([&] { return ::write(ready[1], "x", 1); });
      while (stays) ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char byte;
    if (stays && ::read(ready[0], &byte, 1) != 1) ADD_FAILURE() << "the child failed";
    ::close(ready[0]);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    join();
  }
  void join() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

// ---- A run folder ----

TEST(TwoProcesses, OnlyOneHoldsARunFolder) {
  const TemporaryFolder folder;
  Child other(
      [&](auto ready) {
        const dmd::FolderClaim claim(folder / "run");
        ready();
        for (;;) ::pause();
      },
      true);
  EXPECT_EQ(trine::error_of([&] { dmd::FolderClaim claim(folder / "run"); }),
            fmt::format("another process is training in {}: wait until it ends, or choose another "
                        "folder",
                        (folder / "run").string()));
  EXPECT_TRUE(fs::exists(folder / "run"));  // it is the other's

  other.kill();  // which no destructor survives
  EXPECT_TRUE(dmd::FolderClaim(folder / "run").is_exclusive());
}

struct Started {
  explicit Started(const Command& made) : command(made) {
    fs::create_directories(folder());
    command.prepare(folder());
  }
  fs::path folder() const { return root / "work"; }

  TemporaryFolder root;
  Command command;
};

// Whichever comes first trains. The other is told so, or that there is a run, and leaves no trace.
void expect_one_run(const Ended& a, const Ended& b, const Started& at, const Results& alone) {
  for (const Ended* ended : {&a, &b}) {
    EXPECT_EQ(ended->signal, 0);
    if (ended->status == 0) continue;
    EXPECT_THAT(ended->err, testing::StartsWith("dmd: "));
    EXPECT_THAT(ended->err, testing::AnyOf(HasSubstr("another process is training in run"),
                                           HasSubstr("run holds a run already")));
  }
  EXPECT_TRUE(a.status == 0 || b.status == 0) << a.err << b.err;
  EXPECT_TRUE(at.command.results(at.folder()) == alone);
  EXPECT_THAT(temporaries_in(at.folder()), IsEmpty());
}

Results results_alone(const Command& command) {
  const Started at(command);
  EXPECT_EQ(run(at.folder(), command.words).status, 0);
  return command.results(at.folder());
}

TEST(TwoProcesses, TrainOneNewRunOnce) {
  const Results alone = results_alone(train_on_built_in_data());
  for (int times = 0; times < 5; ++times) {
    const Started at(train_on_built_in_data());
    Process first(at.folder(), at.command.words), second(at.folder(), at.command.words);
    const Ended a = first.wait(), b = second.wait();
    EXPECT_NE(a.status == 0, b.status == 0) << a.err << b.err;
    expect_one_run(a, b, at, alone);
  }
}

TEST(TwoProcesses, ARunThatIsTrainedIsNotResumedBeside) {
  const Results alone = results_alone(train_on_built_in_data(40));
  const Started at(train_on_built_in_data(40));
  Process first(at.folder(), at.command.words);
  while (!fs::exists(at.folder() / "run/last.safetensors"))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  first.signal(SIGSTOP);  // so that it is there for as long as the other looks
  const Ended b = run(at.folder(), at.command.again(at.folder()));
  first.signal(SIGCONT);
  const Ended a = first.wait();
  EXPECT_EQ(b.err,
            "dmd: another process is training in run: wait until it ends, or choose another "
            "folder\n");
  EXPECT_EQ(a.status, 0);
  expect_one_run(a, b, at, alone);
}

TEST(TwoProcesses, ResumeOneRunOnceAtATime) {
  const Results alone = results_alone(resume_run());
  const Started at(resume_run());
  Process first(at.folder(), at.command.words), second(at.folder(), at.command.words);
  const Ended a = first.wait(), b = second.wait();
  expect_one_run(a, b, at, alone);
}

// ---- An output file ----

TEST(TwoProcesses, WriteOneFileOneAfterTheOther) {
  const Results alone = results_alone(predict_to_csv());
  const Started at(predict_to_csv());
  Process first(at.folder(), at.command.words), second(at.folder(), at.command.words);
  EXPECT_EQ(first.wait().status, 0);
  EXPECT_EQ(second.wait().status, 0);
  EXPECT_TRUE(at.command.results(at.folder()) == alone);
  EXPECT_THAT(temporaries_in(at.folder()), IsEmpty());
}

// ---- A cache folder ----

class CacheFolder : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* before = std::getenv("XDG_CACHE_HOME")) before_ = before;
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  }
  void TearDown() override {
    if (before_.empty())
      ::unsetenv("XDG_CACHE_HOME");
    else
      ::setenv("XDG_CACHE_HOME", before_.c_str(), 1);
  }

  TemporaryFolder folder_;
  std::string before_;
};

// A content is one letter, as often as the letter says: a mixture of two would show.
std::vector<std::byte> content(int writer) {
  return std::vector<std::byte>(static_cast<std::size_t>(20'000 * (writer + 1)),
                                static_cast<std::byte>('a' + writer));
}

TEST_F(CacheFolder, GivesWhatOneProcessWroteOrNothing) {
  constexpr int kTimes = 60;
  const auto write = [](int writer) {
    return [writer](auto) {
      for (int i = 0; i < kTimes; ++i) trine::write_cached("kernel", content(writer));
    };
  };
  Child first(write(0), false), second(write(1), false);
  for (int seen = 0; seen < 200;) {
    const auto read = trine::read_cached("kernel");
    if (!read) continue;  // nothing is written yet
    ++seen;
    ASSERT_TRUE(*read == content(0) || *read == content(1));
  }
  first.join();
  second.join();
  EXPECT_TRUE(trine::read_cached("kernel").has_value());
  EXPECT_THAT(temporaries_in(folder_ / ""), IsEmpty());
}

}  // namespace
}  // namespace faults
