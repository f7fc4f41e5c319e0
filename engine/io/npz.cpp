#include "engine/io/npz.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zip.h>

#include "engine/error.h"
#include "engine/io/atomic_file.h"

namespace trine::io {
namespace {

const char* descriptor_of(const NamedArray& entry) {
  switch (entry.array.type()) {
    case ElementType::f32:
      return "<f4";
    case ElementType::f64:
      return "<f8";
    case ElementType::i32:
      return "<i4";
    case ElementType::i64:
      return "<i8";
    default:
      break;
  }
  fail("npz: '{}' is of {}, and f32, f64, i32 and i64 can be written", entry.name,
       name_of(entry.array.type()));
}

// The header of a .npy file of version 1.0, padded to a multiple of 64 bytes.
std::string npy_header(const NamedArray& entry) {
  std::string shape;
  for (const std::int64_t extent : entry.array.shape()) shape += fmt::format("{},", extent);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   descriptor_of(entry), shape);
  constexpr std::size_t kBefore = 10;
  header.append(63 - (kBefore + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header;
}

std::string npy_of(const NamedArray& entry) {
  const ByteView data = entry.array.bytes();
  return npy_header(entry) + std::string(text_of(data));
}

// An archive that libzip writes into memory, so that the file can then appear as a whole.
class MemoryArchive {
 public:
  MemoryArchive() : target_(zip_source_buffer_create(nullptr, 0, 0, nullptr)) {
    if (target_) zip_source_keep(target_);
    archive_ = target_ ? zip_open_from_source(target_, ZIP_TRUNCATE, nullptr) : nullptr;
    if (!archive_) give_up("cannot be begun");
  }
  ~MemoryArchive() {
    if (archive_) zip_discard(archive_);
    if (target_) zip_source_free(target_);
  }
  MemoryArchive(const MemoryArchive&) = delete;
  MemoryArchive& operator=(const MemoryArchive&) = delete;

  // Bytes must stay until finish().
  void add(const std::string& name, const std::string& bytes) {
    zip_source_t* source = zip_source_buffer(archive_, bytes.data(), bytes.size(), 0);
    const zip_int64_t index =
        source ? zip_file_add(archive_, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) give_up("cannot take '" + name + "'");
    const auto at = static_cast<zip_uint64_t>(index);
    // Not packed, and of one day, so that equal arrays make equal files.
    zip_set_file_compression(archive_, at, ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive_, at, 0, kFirstDay, 0);
  }

  std::string finish() {
    if (zip_close(archive_) != 0) give_up("cannot be written");
    archive_ = nullptr;
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_source_stat(target_, &stat) != 0 || zip_source_open(target_) != 0)
      give_up("cannot be read back");
    std::string bytes(stat.size, '\0');
    const zip_int64_t read = zip_source_read(target_, bytes.data(), bytes.size());
    zip_source_close(target_);
    if (read != static_cast<zip_int64_t>(bytes.size())) give_up("cannot be read back");
    return bytes;
  }

 private:
  static constexpr zip_uint16_t kFirstDay = 0x21;  // 1980-01-01

  [[noreturn]] void give_up(const std::string& what) const {
    fail("npz: the archive {}: {}", what, archive_ ? zip_strerror(archive_) : "no memory");
  }

  zip_source_t* target_ = nullptr;
  zip_t* archive_ = nullptr;
};

void check_names(const NamedArrays& arrays) {
  std::set<std::string> names;
  for (const NamedArray& entry : arrays)
    if (!names.insert(entry.name).second) fail("npz: there are two arrays '{}'", entry.name);
}

}  // namespace

void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  check_names(arrays);
  std::vector<std::string> members;  // as long as the archive
  members.reserve(arrays.size());
  MemoryArchive archive;
  for (const NamedArray& entry : arrays)
    archive.add(entry.name + ".npy", members.emplace_back(npy_of(entry)));
  write_file(path, archive.finish());
}

}  // namespace trine::io
