// Which of the three modalities a model reads, or a file holds.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "dmd/config/modality.h"

namespace dmd {

// Walked in the order l, v, a.
class ModalitySet {
 public:
  static constexpr ModalitySet all() {
    ModalitySet set;
    for (const Modality m : kModalities) set.add(m);
    return set;
  }

  constexpr void add(Modality m) {
    if (contains(m)) return;
    std::size_t at = size_++;
    for (; at > 0 && index_of(members_[at - 1]) > index_of(m); --at)
      members_[at] = members_[at - 1];
    members_[at] = m;
  }

  constexpr ModalitySet without(Modality dropped) const {
    ModalitySet rest;
    for (const Modality m : *this)
      if (m != dropped) rest.add(m);
    return rest;
  }

  constexpr bool contains(Modality wanted) const {
    for (const Modality m : *this)
      if (m == wanted) return true;
    return false;
  }

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const Modality* begin() const { return members_.data(); }
  constexpr const Modality* end() const { return members_.data() + size_; }

  friend constexpr bool operator==(const ModalitySet& a, const ModalitySet& b) {
    if (a.size_ != b.size_) return false;
    for (const Modality m : a)
      if (!b.contains(m)) return false;
    return true;
  }

 private:
  std::array<Modality, kModalities.size()> members_{};
  std::size_t size_ = 0;
};

// "text,audio,vision", in the order of configuration lists.
inline std::string name_of(const ModalitySet& set) {
  std::string names;
  for (const Modality m : {Modality::language, Modality::audio, Modality::vision})
    if (set.contains(m)) names.append(names.empty() ? "" : ",").append(name_of(m));
  return names;
}

}  // namespace dmd
