// Features as f32, and which of them nothing can be computed with.
#pragma once

#include <string>
#include <vector>

#include "dmd/data/feature_options.h"
#include "engine/io/array.h"

namespace dmd {

// Counts, over all splits and modalities, values that are NaN, infinite, beyond what f32 holds, or
// so large that a model's sums overflow, and remembers the first few.
class FeatureValues {
 public:
  explicit FeatureValues(Nonfinite nonfinite) : nonfinite_(nonfinite) {}

  // The values of an array (samples, steps, width), with 0 where they cannot be computed with. In
  // audio, -inf is 0 and counts as good: openSMILE and COVAREP write the logarithm of silence.
  std::vector<float> take(const trine::io::Array& array, const std::string& split,
                          const std::string& field, const std::vector<std::string>& ids);

  // Throws trine::Error with a clause if there were bad values and they are to be refused;
  // otherwise says in a note how many became 0, or "".
  std::string finish() const;

 private:
  struct Place {
    std::string split, field;
    std::int64_t values = 0, samples = 0;
  };

  std::string counts() const;

  Nonfinite nonfinite_;
  std::vector<Place> places_;
  std::vector<std::string> first_;  // sentences
};

}  // namespace dmd
