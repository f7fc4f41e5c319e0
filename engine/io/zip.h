// Zip archives, read through libzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/bytes.h"

struct zip;

namespace trine::io {

class ZipArchive {
 public:
  // Reads the directory of an archive in memory. Throws Error (a clause, "it ...") when it is
  // damaged, or when its entries claim more than its size makes plausible: packed, more than the
  // file has; unpacked, more than the Budget of a file of its size.
  explicit ZipArchive(SharedBytes bytes);

  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const;

  // The unpacked entry. Throws Error where there is none of that name or its checksum is wrong.
  std::vector<std::byte> read(const std::string& name) const;

 private:
  void check_sizes() const;

  SharedBytes bytes_;  // libzip reads from here as long as it is open
  std::unique_ptr<zip, void (*)(zip*)> archive_;
  std::vector<std::string> names_;
};

}  // namespace trine::io
