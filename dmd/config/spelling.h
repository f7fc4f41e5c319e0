// The name that a mistyped word was probably meant to be, for error messages.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dmd {

// Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
// (optimal string alignment: no letter is edited twice).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`: of the fewest edits, of equals the nearest in length, of equals
// again the first. None if even that one is so far off (more than a third of its letters) that
// naming it would mislead.
std::optional<std::string_view> nearest_name(std::string_view word,
                                             std::span<const std::string_view> candidates);

// "; did you mean 'x'?" where a near name exists, else "; expected one of a, b, c".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace dmd
