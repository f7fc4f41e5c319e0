#include "engine/io/atomic_file.h"

#include <atomic>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace trine::io {
namespace {

namespace fs = std::filesystem;

// File names are limited to 255 bytes: keep enough of the target's to recognise a stray temporary.
constexpr std::size_t kNamePart = 200;

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string name = target.filename().string().substr(0, kNamePart);
  return target.parent_path() / fmt::format(".{}.{}-{}.tmp", name, ::getpid(), counter++);
}

fs::path resolve(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? path : real;
}

// The permissions of the file about to be replaced, if there is one.
std::optional<mode_t> existing_mode(const fs::path& target) {
  struct stat status {};
  if (::stat(target.c_str(), &status) != 0) return std::nullopt;
  if (S_ISDIR(status.st_mode)) fail("cannot write {}: it is a folder", target.string());
  if (!S_ISREG(status.st_mode)) fail("cannot write {}: not a regular file", target.string());
  return status.st_mode & 07777;
}

// A rename is safe on disk once its folder is; file systems that cannot do this lose nothing else.
void sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.valid()) ::fsync(descriptor.get());
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path)
    : target_(resolve(path)), temporary_(temporary_beside(target_)) {
  const std::optional<mode_t> mode = existing_mode(target_);
  file_ = FileDescriptor(
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t{0666}));
  if (!file_.valid() && errno == ENOENT) {
    fail("cannot write {}: there is no folder {}", target_.string(),
         target_.parent_path().string());
  }
  if (!file_.valid()) fail("cannot write {}: {}", target_.string(), system_message());
  // Where this fails (another owner's file), the new file keeps the default permissions.
  if (mode) ::fchmod(file_.get(), *mode);
}

AtomicFile::~AtomicFile() {
  if (file_.valid()) ::unlink(temporary_.c_str());
}

void AtomicFile::give_up() {
  const std::string reason = system_message();
  file_.close();
  ::unlink(temporary_.c_str());
  fail("cannot write {}: {}; what stood there before is unchanged", target_.string(), reason);
}

void AtomicFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) give_up();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fsync(file_.get()) != 0) give_up();
  if (!file_.close()) give_up();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) give_up();
  sync_folder(target_.parent_path());
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace trine::io
