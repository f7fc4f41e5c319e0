// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/io/bytes.h"
#include "engine/io/file_descriptor.h"
#include "engine/io/temporary_file.h"

namespace trine::io {

// Writes beside the target and renames on commit, so that a reader, a crash, a full disk or
// Ctrl-C never meets half a file. Every failure throws Error with the target and the reason, and
// removes the temporary; so does destruction without commit. What a killed process left beside the
// target is removed when the next file is written there. Where the path is a symbolic link, the
// file that it leads to is replaced. Two processes that write one target replace it one after the
// other.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);

  void write(ByteView bytes);
  void write(std::string_view text) { write(bytes_of(text)); }

  // Has the contents on the disk, then renames, then has the new name on the disk: when it returns,
  // the file outlasts a power cut. Where it throws, what stood at the path still stands there,
  // unless the error says that the file is written and only the last of the three failed. Nothing
  // may be written afterwards.
  void commit();

 private:
  void flush();
  void write_now(ByteView bytes);
  [[noreturn]] void give_up();

  std::filesystem::path target_;
  FileDescriptor folder_;
  TemporaryFile temporary_;
  std::vector<std::byte> buffer_;
};

// The whole of a small file at once.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace trine::io
