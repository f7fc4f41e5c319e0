// The keys of MulT and what they hold.
#pragma once

#include <optional>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/models/blocks/branch_keys.h"

namespace dmd {

struct MultOptions {
  BranchOptions branches;
  std::optional<Modality> only;  // the one target of a partial mode

  // Whether a modality asks the others, and the prediction reads what it remembers.
  bool asks(Modality m) const { return !only || only == m; }
};

// Under the names of the authors' program; the defaults are its own.
std::vector<Key> mult_keys();

MultOptions mult_options(const Config& config);

// Keys of that program which others of ours stand for, and what they say in ours.
std::vector<Key> mult_foreign_keys();
void adopt_mult_keys(const Settings& theirs, Config& ours);

}  // namespace dmd
