#include "dmd/data/dataset.h"

#include "engine/error.h"

namespace dmd {

const Split& Dataset::split(std::string_view name) const {
  if (name == "train") return train;
  if (name == "valid") return valid;
  if (name == "test") return test;
  trine::fail("there is no split '{}': the splits are train, valid and test", name);
}

}  // namespace dmd
