// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/io/bytes.h"
#include "engine/io/file_descriptor.h"

namespace trine::io {

// Writes beside the target and renames on commit, so that a reader, a crash, a full disk or
// Ctrl-C never meets half a file: until commit returns, what stood at the path still stands there.
// Every failure throws Error and removes the temporary; so does destruction without commit.
// Where the path is a symbolic link, the file that it leads to is replaced.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(ByteView bytes);
  void write(std::string_view text) { write(bytes_of(text)); }

  // Flushes to the device, then renames. Nothing may be written afterwards.
  void commit();

 private:
  [[noreturn]] void give_up();

  std::filesystem::path target_, temporary_;
  FileDescriptor file_;
};

// The whole of a small file at once.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace trine::io
