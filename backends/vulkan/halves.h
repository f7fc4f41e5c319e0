// Cuts a member whose operands reach over more bytes than a kernel may see at once
// (maxStorageBufferRange, 128 MiB on some devices): the arenas of a text encoder's optimizer do.
#pragma once

#include <array>
#include <optional>

#include "engine/plan.h"

namespace trine::vulkan {

// Two members that together do what `member` of `step` does, along its outermost dimension. Nothing
// where that cannot be: the step is no elementwise one, it draws random numbers, which are numbered
// by element, or a single element is left.
std::optional<std::array<Member, 2>> halves(const Step& step, const Member& member);

}  // namespace trine::vulkan
