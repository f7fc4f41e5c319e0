// The three modalities. The enumerators stand in the order language, vision, audio, in which the
// model stacks them (graph nodes, margin-loss rows, fusion); configuration lists alone run
// language, audio, vision, as the authors' configuration files do, and go through config_slot().
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace dmd {

enum class Modality { language, vision, audio };

inline constexpr std::array kModalities{Modality::language, Modality::vision, Modality::audio};

// Place in stacked tensors: l, v, a.
constexpr std::size_t index_of(Modality m) { return static_cast<std::size_t>(m); }

// Place in configuration lists: l, a, v.
constexpr std::size_t config_slot(Modality m) {
  constexpr std::array<std::size_t, 3> slots{0, 2, 1};
  return slots[index_of(m)];
}

// "l", "v" or "a", as in parameter names.
constexpr std::string_view letter_of(Modality m) {
  constexpr std::array<std::string_view, 3> letters{"l", "v", "a"};
  return letters[index_of(m)];
}

// "text", "vision" or "audio", as in feature files.
constexpr std::string_view name_of(Modality m) {
  constexpr std::array<std::string_view, 3> names{"text", "vision", "audio"};
  return names[index_of(m)];
}

}  // namespace dmd
