#include "dmd/data/dataset.h"

#include <utility>

#include "engine/error.h"

namespace dmd {

const Split& Dataset::split(std::string_view name) const {
  if (name == "train") return train;
  if (name == "valid") return valid;
  if (name == "test") return test;
  trine::fail("there is no split '{}': the splits are train, valid and test", name);
}

Split& Dataset::split(std::string_view name) {
  return const_cast<Split&>(std::as_const(*this).split(name));  // *this is not const
}

}  // namespace dmd
