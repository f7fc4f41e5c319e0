// Files that are of another format than a reader wants: what they are, and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/io/bytes.h"

namespace trine::io {

// Throws Error with a clause ("it is a web page: ...") where the bytes begin like a file that is
// often taken for data or a checkpoint, and is neither; returns where they do not.
void refuse_foreign_format(ByteView bytes);

// "a zip archive that holds mosi.pkl: unpack it and name that file", for archives that torch.save
// has not written.
std::string describe_zip(const std::vector<std::string>& names);

}  // namespace trine::io
