// What comes on standard input, as a file's bytes.
#pragma once

#include "engine/io/bytes.h"

namespace trine::io {

// Reads to the end, into memory, and unpacks what gzip, bzip2 or xz has packed. Throws Error where
// nothing comes, it cannot be read, or it does not fit into memory.
SharedBytes read_standard_input();

}  // namespace trine::io
