// A file as read-only memory.
#pragma once

#include <filesystem>

#include "engine/io/bytes.h"

namespace trine::io {

// Maps the whole of a regular, non-empty file; the mapping lives as long as any part of the
// result. Throws Error when the file is missing, unreadable, empty, or not a regular file.
// The file must not be shortened in place meanwhile (our own writers replace files, never
// rewrite them).
SharedBytes map_file(const std::filesystem::path& path);

}  // namespace trine::io
