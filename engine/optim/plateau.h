// A learning rate that falls when a measured loss stops falling: PyTorch's ReduceLROnPlateau with
// mode "min" and a relative threshold. It lives on the host and reaches programs by RunParams.
#pragma once

#include <cstdint>
#include <limits>

namespace trine::optim {

struct PlateauOptions {
  double factor = 0.5;        // what the rate is multiplied by
  std::int64_t patience = 5;  // measurements in a row that may bring nothing
  double threshold = 1e-4;    // a loss counts as better below best * (1 - threshold)
};

// All that a resumed run needs.
struct PlateauState {
  double learning_rate = 0.0;
  double best = std::numeric_limits<double>::infinity();
  std::int64_t bad_measurements = 0;

  friend bool operator==(const PlateauState&, const PlateauState&) = default;
};

// The state after one more measurement. A loss that is not a number is no improvement.
PlateauState after_measuring(double loss, PlateauState state, const PlateauOptions& options);

}  // namespace trine::optim
