#include "engine/io/temporary_file.h"

#include <atomic>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "engine/error.h"
#include "engine/io/folder.h"

namespace trine::io {
namespace {

namespace fs = std::filesystem;

// The end of the names of ours, so that nobody else's files are taken for them.
constexpr std::string_view kSuffix = ".trine-tmp";

// File names are limited to 255 bytes: keep enough of the target's to recognise a stray temporary.
constexpr std::size_t kNamePart = 200;

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string name = target.filename().string().substr(0, kNamePart);
  return target.parent_path() / fmt::format(".{}.{}-{}{}", name, ::getpid(), counter++, kSuffix);
}

bool is_temporary(std::string_view name) {
  return name.starts_with('.') && name.ends_with(kSuffix);
}

// Whether its process is gone: one that lives holds the lock.
bool is_abandoned(int folder, const char* name) {
  const FileDescriptor descriptor(uninterrupted(
      [&] { return ::openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!descriptor.valid()) return false;
  try {
    return try_to_lock(descriptor, name) == Lock::taken;
  } catch (const Error&) {
    return false;
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

bool has_a_name(const FileDescriptor& file) {
  struct stat status {};
  return ::fstat(file.get(), &status) != 0 || status.st_nlink > 0;
}

}  // namespace

TemporaryFile::TemporaryFile(const fs::path& target) : TemporaryFile() {
  remove_abandoned(target.parent_path());
  // Until its lock is taken another process may take the file for an abandoned one.
  do {
    path_ = temporary_beside(target);
    if (!make()) fail("cannot write {}: {}", target.string(), system_message());
    try_to_lock(lock_, target);
  } while (!has_a_name(lock_));
}

bool TemporaryFile::make() {
  file_ = FileDescriptor(uninterrupted([&] {
    return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t{0666});
  }));
  is_there_ = file_.valid();
  if (!is_there_) return false;
  lock_ = FileDescriptor(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
  if (lock_.valid()) return true;
  const int error = errno;
  remove();
  errno = error;
  return false;
}

TemporaryFile::~TemporaryFile() { remove(); }

bool TemporaryFile::rename_to(const fs::path& target) {
  if (::rename(path_.c_str(), target.c_str()) != 0) return false;
  is_there_ = false;
  return true;
}

void TemporaryFile::remove() {
  if (!is_there_) return;
  is_there_ = false;
  ::unlink(path_.c_str());
}

void remove_abandoned(const fs::path& folder) {
  const std::unique_ptr<DIR, CloseFolder> listing(::opendir(folder.empty() ? "." : folder.c_str()));
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get()))
    if (is_temporary(entry->d_name) && is_abandoned(::dirfd(listing.get()), entry->d_name))
      ::unlinkat(::dirfd(listing.get()), entry->d_name, 0);
}

}  // namespace trine::io
