#include "engine/io/mapped_file.h"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "engine/io/compression.h"
#include "engine/io/context.h"
#include "engine/io/file_descriptor.h"

namespace trine::io {
namespace {

// What repositories hold in place of large files, under their names; no format begins so.
constexpr std::string_view kPointer = "version https://git-lfs";

class Mapping {
 public:
  Mapping(int descriptor, std::size_t size, const std::filesystem::path& path) : size_(size) {
    memory_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (memory_ == MAP_FAILED) fail("{} cannot be mapped: {}", path.string(), system_message());
  }
  ~Mapping() { ::munmap(memory_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  ByteView bytes() const { return {static_cast<const std::byte*>(memory_), size_}; }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

SharedBytes unpacked(ByteView packed, Compression compression, const std::string& name) {
  return explaining(name, "file", [&] {
    SharedBytes bytes = unpack(packed, compression, most_unpacked(packed.size()));
    if (bytes.size() == 0) fail("it is empty once it is unpacked");
    return bytes;
  });
}

[[noreturn]] void fail_to_open(const std::filesystem::path& path) {
  const int error = errno;
  std::error_code ignored;
  if (error == ENOENT && path.is_relative()) {
    fail("there is no file {} (looked from the folder {})", path.string(),
         std::filesystem::current_path(ignored).string());
  }
  if (error == ENOENT) fail("there is no file {}", path.string());
  fail("{} cannot be opened: {}", path.string(), std::generic_category().message(error));
}

}  // namespace

SharedBytes map_file(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe would otherwise wait for a writer for ever.
  const FileDescriptor file(
      uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!file.valid()) fail_to_open(path);

  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_to_open(path);
  if (S_ISDIR(status.st_mode)) fail("{} is a folder, and a file is expected", path.string());
  if (!S_ISREG(status.st_mode)) fail("{} is not a regular file", path.string());
  if (status.st_size == 0) fail("{} is empty", path.string());

  auto mapping =
      std::make_shared<const Mapping>(file.get(), static_cast<std::size_t>(status.st_size), path);
  return unpacked_bytes({mapping, mapping->bytes()}, path.string());
}

SharedBytes unpacked_bytes(const SharedBytes& bytes, const std::string& name) {
  if (text_of(bytes.view).starts_with(kPointer))
    fail("{} is a Git LFS pointer, which stands for the file: fetch the file with `git lfs pull`",
         name);
  const auto compression = compression_of(bytes.view);
  return compression ? unpacked(bytes.view, *compression, name) : bytes;
}

}  // namespace trine::io
