// A file under a name of its own beside the one that it is to become.
#pragma once

#include <filesystem>

#include "engine/io/file_descriptor.h"

namespace trine::io {

// Makes the file and holds its lock until the end of its life, which tells it from one that a
// killed process left: such are removed from the folder before.
class TemporaryFile {
 public:
  // Beside `target`, of which messages speak. Throws Error where it cannot be made.
  explicit TemporaryFile(const std::filesystem::path& target);
  // Removes it, unless it was renamed.
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Open for writing until close().
  int descriptor() const { return file_.get(); }

  // Each returns false, with errno, where the system fails.
  bool close() { return file_.close(); }
  bool rename_to(const std::filesystem::path& target);

  void remove();

 private:
  TemporaryFile() = default;  // what the public constructor goes on from, so that it may throw
  bool make();

  std::filesystem::path path_;
  FileDescriptor file_;
  FileDescriptor lock_;  // a copy, so that what close() reports is known before the renaming
  bool is_there_ = false;
};

// Removes the temporary files in the folder that no living process writes. What cannot be listed,
// locked or removed stays: it does no harm but take room, and the next start tries again.
void remove_abandoned(const std::filesystem::path& folder);

}  // namespace trine::io
