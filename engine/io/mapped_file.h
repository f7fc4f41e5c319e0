// A file as read-only memory.
#pragma once

#include <filesystem>
#include <string>

#include "engine/io/bytes.h"

namespace trine::io {

// Maps the whole of a regular, non-empty file; the mapping lives as long as any part of the
// result. A file that gzip, bzip2 or xz has packed is unpacked into memory instead, up to a limit
// (compression.h). Throws Error when the file is missing, unreadable, empty, damaged where it is
// packed, not a regular file, or what Git LFS leaves in place of one.
// The file must not be shortened in place meanwhile (our own writers replace files, never
// rewrite them).
SharedBytes map_file(const std::filesystem::path& path);

// `name` is for messages. Bytes as map_file() would give them: unpacked where they are packed.
SharedBytes unpacked_bytes(const SharedBytes& bytes, const std::string& name);

}  // namespace trine::io
