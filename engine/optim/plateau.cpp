#include "engine/optim/plateau.h"

namespace trine::optim {

PlateauState after_measuring(double loss, PlateauState state, const PlateauOptions& options) {
  if (loss < state.best * (1.0 - options.threshold)) {
    state.best = loss;
    state.bad_measurements = 0;
    return state;
  }
  if (++state.bad_measurements <= options.patience) return state;
  // PyTorch keeps a rate whose change would be below this.
  constexpr double kLeastChange = 1e-8;
  const double lower = state.learning_rate * options.factor;
  if (state.learning_rate - lower > kLeastChange) state.learning_rate = lower;
  state.bad_measurements = 0;
  return state;
}

}  // namespace trine::optim
