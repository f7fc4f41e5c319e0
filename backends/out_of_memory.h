// A device's memory does not suffice. Beside the sentence it carries how much of it there would be,
// from which a caller that knows what memory grows with can say what would fit.
#pragma once

#include <cstdint>
#include <string>

#include "engine/error.h"

namespace trine {

class OutOfMemory : public Error {
 public:
  // `free_bytes` is what a backend knows to be free. If that should have sufficed, other programs
  // or gaps take more than it knows of, and half of what was wanted is the best guess.
  OutOfMemory(const std::string& sentence, std::int64_t wanted_bytes, std::int64_t free_bytes)
      : Error(sentence),
        share_(free_bytes < wanted_bytes
                   ? static_cast<double>(free_bytes) / static_cast<double>(wanted_bytes)
                   : 0.5) {}

  // How much of the wanted memory there would be, from 0 to below 1.
  double share() const { return share_; }

 private:
  double share_;
};

}  // namespace trine
