// Where a training run stands: everything besides the arrays that a resumed run needs to go on bit
// for bit. There is no generator to save: batch order is a function of (seed, epoch) and dropout of
// (seed, batches_seen), so the counters here are the whole random state.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/data/dataset.h"
#include "dmd/data/input_sizes.h"
#include "dmd/metrics/named_values.h"
#include "engine/optim/plateau.h"

namespace dmd {

// What a run was trained on, so that it does not go on with something else.
struct DataShape {
  std::string source;  // for people; files may move
  std::int64_t train = 0, valid = 0, test = 0;
  InputSizes sizes;
};

DataShape shape_of(const Dataset& data);

// The best validation loss so far, and the epoch it was measured after; 0 before the first.
struct BestEpoch {
  double loss = std::numeric_limits<double>::infinity();
  std::int64_t epoch = 0;
};

struct TrainingState {
  std::int64_t epoch = 1;          // the one under way, from 1
  std::int64_t batches_done = 0;   // of this epoch
  std::uint32_t batches_seen = 0;  // since the run began: the step that dropout draws with
  std::uint32_t updates = 0;       // steps of the optimizer
  std::int64_t accumulated = 0;    // batches whose gradients wait for the next update
  trine::optim::PlateauState plateau;
  BestEpoch best;
  NamedValues loss_sums;       // of this epoch's batches so far
  double seconds = 0;          // spent on this epoch so far
  double earlier_seconds = 0;  // and on those before
  DataShape data;
};

std::string to_json(const TrainingState& state);

// Throws trine::Error, which begins with `where`, for anything but text of to_json().
TrainingState training_state_from_json(std::string_view text, std::string_view where);

// Where the run of a checkpoint stands. Throws trine::Error for one that holds parameters alone.
TrainingState training_state_of(const Checkpoint& checkpoint);

}  // namespace dmd
