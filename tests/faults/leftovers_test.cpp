// Temporary files that killed processes leave, and those that living ones write.

#include <csignal>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/io/atomic_file.h"
#include "tests/faults/disturbance.h"
#include "tests/faults/run_folder.h"

namespace faults {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using trine::io::AtomicFile;

// Leaves the temporary of NAME in the folder, as a process does that is killed while it writes.
void die_writing(const std::filesystem::path& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile half(file);
    half.write("half");
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(Leftovers, OfAKilledProcessGoWhenTheNextFileIsWritten) {
  const trine::TemporaryFolder folder;
  die_writing(folder / "out");
  ASSERT_THAT(temporaries_in(folder.path()), SizeIs(1));
  trine::io::write_file(folder / "another", "text");
  EXPECT_THAT(temporaries_in(folder.path()), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

TEST(Leftovers, AreNotTakenForFilesThatAreBeingWritten) {
  const trine::TemporaryFolder folder;
  AtomicFile one(folder / "out");
  one.write("one");
  trine::io::write_file(folder / "out", "two");
  EXPECT_THAT(temporaries_in(folder.path()), SizeIs(1));
  one.commit();
  EXPECT_EQ(trine::contents_of(folder / "out"), "one");
}

TEST(Leftovers, OfOthersStay) {
  const trine::TemporaryFolder folder;
  for (const char* name : {".hidden", "x.trine-tmp", ".x.tmp"})
    trine::write_contents(folder / name, "x");
  trine::io::write_file(folder / "out", "text");
  for (const char* name : {".hidden", "x.trine-tmp", ".x.tmp"})
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
}

TEST(Leftovers, DoNotPileUp) {
  const trine::TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) die_writing(folder / "out");
  EXPECT_THAT(temporaries_in(folder.path()), SizeIs(1));  // each start removes that of the last
}

}  // namespace
}  // namespace faults
