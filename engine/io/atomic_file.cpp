#include "engine/io/atomic_file.h"

#include <optional>

#include <sys/stat.h>

#include "engine/io/folder.h"

namespace trine::io {
namespace {

namespace fs = std::filesystem;

// A checkpoint has a thousand small arrays: they go to the system in pieces of this size.
constexpr std::size_t kBuffer = std::size_t{1} << 18;

// A link must be followed: renaming would replace the link itself.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  if (error) fail("cannot write {}: {}", path.string(), error.message());
  return real;
}

// The permissions of the file about to be replaced, if there is one.
std::optional<mode_t> existing_mode(const fs::path& target) {
  struct stat status {};
  if (::stat(target.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail("cannot write {}: {}", target.string(), system_message());
  }
  if (S_ISDIR(status.st_mode)) fail("cannot write {}: it is a folder", target.string());
  if (!S_ISREG(status.st_mode)) fail("cannot write {}: not a regular file", target.string());
  return status.st_mode & 07777;
}

// The target, once it is known that a file can stand there.
fs::path checked(const fs::path& path) {
  fs::path target = resolve(path);
  existing_mode(target);
  return target;
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path)
    : target_(checked(path)),
      folder_(open_folder(target_.parent_path(), fmt::format("cannot write {}", target_.string()))),
      temporary_(target_) {
  // Where this fails (another owner's file), the new file keeps the default permissions.
  if (const auto mode = existing_mode(target_)) ::fchmod(temporary_.descriptor(), *mode);
  buffer_.reserve(kBuffer);
}

void AtomicFile::give_up() {
  const std::string reason = system_message();
  temporary_.remove();
  fail("cannot write {}: {}; what stood there before is unchanged", target_.string(), reason);
}

void AtomicFile::write(ByteView bytes) {
  if (bytes.size() > kBuffer - buffer_.size()) flush();
  if (bytes.size() >= kBuffer) return write_now(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void AtomicFile::flush() {
  write_now(buffer_);
  buffer_.clear();
}

// The system may take a part at a time.
void AtomicFile::write_now(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        uninterrupted([&] { return ::write(temporary_.descriptor(), bytes.data(), bytes.size()); });
    if (written < 0) give_up();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  flush();
  if (uninterrupted([&] { return ::fsync(temporary_.descriptor()); }) != 0) give_up();
  if (!temporary_.close()) give_up();
  if (!temporary_.rename_to(target_)) give_up();
  if (!sync_folder(folder_)) {
    fail("{} is written, and whether it outlasts a power cut is not known: {}", target_.string(),
         system_message());
  }
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace trine::io
