// Mapped and atomically written files, on a real file system.
#include <csignal>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

namespace fs = std::filesystem;
using namespace trine::io;
using testing::EndsWith;
using testing::HasSubstr;

// Root may do everything: for a while, be somebody else.
class WithoutPrivileges {
 public:
  WithoutPrivileges() { EXPECT_EQ(::seteuid(was_ == 0 ? kNobody : was_), 0); }
  ~WithoutPrivileges() { EXPECT_EQ(::seteuid(was_), 0); }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t was_ = ::geteuid();
};

TEST(MappedFile, GivesTheContents) {
  const TemporaryFolder folder;
  write_contents(folder / "a", "hello");
  EXPECT_EQ(text_of(map_file(folder / "a").view), "hello");
}

TEST(MappedFile, PartsKeepTheMappingAlive) {
  const TemporaryFolder folder;
  write_contents(folder / "a", "hello");
  const SharedBytes part = map_file(folder / "a").part(1, 3);
  fs::remove(folder / "a");
  EXPECT_EQ(text_of(part.view), "ell");
}

TEST(MappedFile, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  const auto refuses = [](const fs::path& path) { return error_of([&] { map_file(path); }); };
  EXPECT_EQ(refuses(folder / "none"), "there is no file " + (folder / "none").string());
  EXPECT_THAT(refuses("no/such/file"), HasSubstr("there is no file no/such/file (looked from "));
  EXPECT_THAT(refuses(folder / ""), EndsWith(" is a folder, and a file is expected"));

  write_contents(folder / "empty", "");
  EXPECT_EQ(refuses(folder / "empty"), (folder / "empty").string() + " is empty");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refuses(folder / "pipe"), EndsWith(" is not a regular file"));
  write_contents(folder / "model.safetensors",
                 "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 440449768\n");
  EXPECT_THAT(refuses(folder / "model.safetensors"),
              HasSubstr("model.safetensors is a Git LFS pointer, which stands for the file"));
}

TEST(MappedFile, SaysThatPermissionIsMissing) {
  const TemporaryFolder folder;
  write_contents(folder / "secret", "x");
  fs::permissions(folder / "secret", fs::perms::none);
  const WithoutPrivileges nobody;
  EXPECT_THAT(error_of([&] { map_file(folder / "secret"); }), HasSubstr("Permission denied"));
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(AtomicFile, AppearsOnCommit) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out");
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(fs::exists(folder / "out"));
  file.commit();
  EXPECT_EQ(contents_of(folder / "out"), "one two");
  EXPECT_EQ(files_in(folder / ""), 1u);
}

TEST(AtomicFile, ReplacesAndKeepsPermissions) {
  const TemporaryFolder folder;
  write_contents(folder / "out", "old");
  const fs::perms mode = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;
  fs::permissions(folder / "out", mode);
  write_file(folder / "out", "new");
  EXPECT_EQ(contents_of(folder / "out"), "new");
  EXPECT_EQ(fs::status(folder / "out").permissions(), mode);
}

TEST(AtomicFile, FollowsASymbolicLink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "elsewhere");
  write_contents(folder / "elsewhere/target", "old");
  fs::create_symlink("elsewhere/target", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(contents_of(folder / "elsewhere/target"), "new");
}

TEST(AtomicFile, WithoutCommitChangesNothing) {
  const TemporaryFolder folder;
  write_contents(folder / "out", "old");
  {
    AtomicFile file(folder / "out");
    file.write("half of the n");
  }
  EXPECT_EQ(contents_of(folder / "out"), "old");
  EXPECT_EQ(files_in(folder / ""), 1u);
}

TEST(AtomicFile, ACommitThatFailsChangesNothing) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out");
  file.write("text");
  fs::create_directory(folder / "out");  // a rename onto a folder is refused
  EXPECT_THAT(error_of([&] { file.commit(); }), HasSubstr("cannot write"));
  EXPECT_EQ(files_in(folder / ""), 1u);
}

TEST(AtomicFile, SaysWhyAFileCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "no/where/x"); }),
              HasSubstr("there is no folder"));
  fs::create_directory(folder / "sub");
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "sub"); }), EndsWith("it is a folder"));
  EXPECT_THAT(error_of([&] { AtomicFile file("/dev/null"); }), EndsWith("not a regular file"));
}

TEST(AtomicFile, SaysThatTheFolderCannotBeWritten) {
  const TemporaryFolder folder;
  fs::permissions(folder / "", fs::perms::owner_read | fs::perms::owner_exec);
  {
    const WithoutPrivileges nobody;
    EXPECT_THAT(error_of([&] { AtomicFile file(folder / "x"); }), HasSubstr("Permission denied"));
  }
  fs::permissions(folder / "", fs::perms::owner_all);
}

// A limit on the size of files makes write fail part of the way, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*old_handler_)(int);
  rlimit old_{};
};

TEST(AtomicFile, AFullDiskKeepsTheOldFile) {
  const TemporaryFolder folder;
  write_contents(folder / "out", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    AtomicFile file(folder / "out");
    message = error_of([&] {
      file.write(std::string(10000, 'x'));
      file.commit();
    });
  }
  EXPECT_THAT(message, HasSubstr("cannot write " + (folder / "out").string()));
  EXPECT_THAT(message, EndsWith("what stood there before is unchanged"));
  EXPECT_EQ(contents_of(folder / "out"), "old");
  EXPECT_EQ(files_in(folder / ""), 1u);
}

}  // namespace
}  // namespace formats
