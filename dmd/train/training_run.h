// One training run from its request to its score.
#pragma once

#include <memory>
#include <optional>

#include "backends/backend.h"
#include "dmd/metrics/scores.h"
#include "dmd/report/progress.h"
#include "dmd/train/trainer.h"

namespace dmd {

struct RunRequest {
  Config config;  // input sizes filled in
  RunFolder folder;
  bool resume = false;  // the folder has a checkpoint to go on from
};

struct RunOutcome {
  std::uint64_t seed = 0;
  RunFolder folder;
  Ending ending = Ending::all_epochs;
  std::int64_t epochs = 0;  // finished
  BestEpoch best;
  double seconds_per_epoch = 0;
  std::optional<Scores> test;  // of the best epoch's parameters; none of an interrupted run
};

RunOutcome train_one(const RunRequest& request, const Dataset& data,
                     std::shared_ptr<trine::Backend> backend,
                     const Trainer::StopRequested& stop_requested, Progress& progress,
                     const Trainer::EpochDone& epoch_done = {});

}  // namespace dmd
