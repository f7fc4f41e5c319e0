// Where a run starts from a checkpoint: of the same model, or of one that has parts in common with
// it, as DMD's parameters are all among DHMD's.
#pragma once

#include <string>
#include <vector>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/models/programs.h"
#include "engine/io/array.h"

namespace dmd {

struct Start {
  trine::io::NamedArrays taken;      // of equal name and shape
  std::vector<std::string> missing;  // the model's parameters that the file has not
  std::vector<std::string> misfits;  // that both have, in different shapes
  std::vector<std::string> unused;   // the file's that the model has not

  // How many were taken, and the first names of those that were not: a sentence for people.
  std::string summary(const Checkpoint& from) const;

  // Puts what was taken into an arena of the model's layout.
  void put_into(std::vector<float>& arena, const trine::nn::ParameterStore& store) const;
};

// Throws trine::Error where nothing fits, where most parameters that both have differ in shape (the
// file is of another width), and where a value is not finite.
Start start_from(const Checkpoint& checkpoint, const Declaration& declared);

}  // namespace dmd
