// Where the tests' files are.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace formats {

using dmd::contents_of;
using dmd::error_of;
using dmd::TemporaryFolder;
using dmd::write_contents;

// Kept in the repository, written by tests/formats/data/make.py.
inline std::filesystem::path data_file(std::string_view name) {
  return std::filesystem::path(TRINE_SOURCE_DIR) / "tests/formats/data" / name;
}

// Larger files that stand beside the repository where there are any; tests skip without them.
inline std::filesystem::path shared_file(std::string_view name) {
  const char* folder = std::getenv("TRINE_SHARED");
  return (folder != nullptr ? std::filesystem::path(folder)
                            : std::filesystem::path(TRINE_SOURCE_DIR) / "../shared") /
         name;
}

}  // namespace formats
