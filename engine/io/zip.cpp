#include "engine/io/zip.h"

#include <algorithm>

#include <zip.h>

namespace trine::io {
namespace {

struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

std::string take_message(zip_error_t& error) {
  std::string message = zip_error_strerror(&error);
  zip_error_fini(&error);
  return message;
}

zip_t* open_archive(const SharedBytes& bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.view.data(), bytes.size(), 0, &error);
  if (source == nullptr) fail("it cannot be read as a zip archive: {}", take_message(error));
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);  // libzip takes the source only when it succeeds
    fail("it is not a whole zip archive: {}", take_message(error));
  }
  zip_error_fini(&error);
  return archive;
}

zip_stat_t stat_entry(zip_t* archive, std::uint64_t index) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded) {
    fail("entry {} of the zip archive cannot be described: {}", index, zip_strerror(archive));
  }
  return stat;
}

}  // namespace

ZipArchive::ZipArchive(SharedBytes bytes)
    : bytes_(std::move(bytes)), archive_(open_archive(bytes_), zip_discard) {
  const zip_int64_t entries = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < entries; ++i) {
    names_.emplace_back(stat_entry(archive_.get(), static_cast<std::uint64_t>(i)).name);
  }
  check_sizes();
}

void ZipArchive::check_sizes() const {
  std::size_t left = bytes_.size();
  Budget unpacked = Budget::for_file(bytes_.size());
  for (std::uint64_t i = 0; i < names_.size(); ++i) {
    const zip_stat_t stat = stat_entry(archive_.get(), i);
    // Entries that overlap count more than once.
    if (stat.comp_size > left) {
      fail("its zip entries claim more bytes than the file has: it is damaged or made to mislead");
    }
    left -= stat.comp_size;
    unpacked.charge(stat.size);
  }
}

bool ZipArchive::has(std::string_view name) const {
  return std::ranges::find(names_, name) != names_.end();
}

std::vector<std::byte> ZipArchive::read(const std::string& name) const {
  const zip_int64_t index = zip_name_locate(archive_.get(), name.c_str(), 0);
  if (index < 0) fail("it has no zip entry {}", name);
  const zip_stat_t stat = stat_entry(archive_.get(), static_cast<std::uint64_t>(index));
  const Entry entry(zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
  if (!entry) fail("its zip entry {} cannot be opened: {}", name, zip_strerror(archive_.get()));

  std::vector<std::byte> out(stat.size);
  std::size_t filled = 0;
  // One read past the end makes libzip compare the checksum.
  std::byte beyond;
  for (;;) {
    const bool full = filled == out.size();
    const zip_int64_t got = full ? zip_fread(entry.get(), &beyond, 1)
                                 : zip_fread(entry.get(), out.data() + filled, out.size() - filled);
    if (got < 0) {
      fail("its zip entry {} is damaged: {}", name,
           zip_error_strerror(zip_file_get_error(entry.get())));
    }
    if (got == 0 && full) return out;
    if (got == 0 || full) fail("its zip entry {} is not of the length that it claims", name);
    filled += static_cast<std::size_t>(got);
  }
}

}  // namespace trine::io
