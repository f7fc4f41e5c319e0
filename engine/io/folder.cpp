#include "engine/io/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "engine/error.h"

namespace trine::io {
namespace {

namespace fs = std::filesystem;

fs::path named(const fs::path& folder) { return folder.empty() ? fs::path(".") : folder; }

bool is_folder(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// `purpose` is that of open_folder().
[[noreturn]] void fail_to_make(const std::string& purpose, int error) {
  fail("{}: {}", purpose, std::generic_category().message(error));
}

// False where it was there. The folder above it must be there.
bool make_one(const fs::path& folder, const std::string& purpose) {
  if (::mkdir(folder.c_str(), 0777) == 0) return true;
  const int error = errno;
  if (error != EEXIST) fail_to_make(purpose, error);
  if (!is_folder(folder)) fail("{}: {} is not a folder", purpose, folder.string());
  return false;
}

bool make_with_those_above(const fs::path& folder, const std::string& purpose) {
  if (folder.empty() || is_folder(folder)) return false;
  make_with_those_above(folder.parent_path(), purpose);
  const FileDescriptor above = open_folder(folder.parent_path(), purpose);
  if (!make_one(folder, purpose)) return false;
  if (sync_folder(above)) return true;
  const int error = errno;
  ::rmdir(folder.c_str());
  fail_to_make(purpose, error);
}

}  // namespace

bool make_folder(const fs::path& folder) {
  // "runs/first/" has an empty last part.
  return make_with_those_above(folder.has_filename() ? folder : folder.parent_path(),
                               fmt::format("cannot make the folder {}", folder.string()));
}

FileDescriptor open_folder(const fs::path& folder, const std::string& purpose) {
  FileDescriptor descriptor(uninterrupted(
      [&] { return ::open(named(folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (descriptor.valid() || errno == EACCES) return descriptor;
  if (errno == ENOENT) fail("{}: there is no folder {}", purpose, folder.string());
  fail("{}: the folder {} cannot be opened: {}", purpose, named(folder).string(), system_message());
}

bool sync_folder(const FileDescriptor& folder) {
  if (!folder.valid()) return true;
  if (uninterrupted([&] { return ::fsync(folder.get()); }) == 0) return true;
  return errno == EINVAL || errno == ENOTSUP;
}

Lock try_to_lock(const FileDescriptor& descriptor, const fs::path& name) {
  if (uninterrupted([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) == 0)
    return Lock::taken;
  switch (errno) {
    case EWOULDBLOCK:
      return Lock::held_by_another;
    case EBADF:  // NFS locks only what is open for writing, which a folder cannot be
    case EINVAL:
    case ENOLCK:  // NFS whose server keeps no locks
    case ENOSYS:
    case ENOTSUP:
      return Lock::not_supported;
    default:
      fail("{} cannot be locked: {}", name.string(), system_message());
  }
}

}  // namespace trine::io
