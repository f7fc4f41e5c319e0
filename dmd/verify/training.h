// The short training run of a fixture, and what a device may make of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backends/session.h"
#include "dmd/verify/comparison.h"
#include "dmd/verify/fixture.h"

namespace dmd {

struct TrainingRun {
  std::vector<std::vector<double>> curve;  // Golden::curve, and for each its value at every step
  std::vector<double> norms;               // of the gradients before clipping, where asked for
  std::vector<double> final_output;        // of the first batch after the last step
};

// What the fixture expects: train.losses and train.final_output_logit, and train.grad_norms where
// it has them.
TrainingRun expected_run(const Fixture& fixture);

// One optimizer step for each batch from these parameters, as many as the fixture took. The session
// lends its device alone.
TrainingRun train_run(const Fixture& fixture, const trine::Session& session,
                      std::span<const float> start);

// By column of the curve, the norms, and the final output.
GroupError run_error(const Fixture& fixture, const TrainingRun& got, const TrainingRun& expected);

// How a run that departs from the fixture's may still be right: training is not continuous. A unit
// of ReLU or an atom of sparsemax that stands at its threshold to within f32's rounding goes either
// way, and what follows differs. Runs in double from parameters moved by f32's last place show
// which ways there are: `got` is right where it is one of them to within the tolerance, as long as
// the unmoved run in double is the fixture's.
struct RoundedRun {
  bool found = false;
  GroupError error;     // from the run in double that `got` is
  std::string meaning;  // a sentence for people
};

// Looks among so many moved runs, which take nearly all ways that a few decisions leave open.
RoundedRun find_rounded_run(const Fixture& fixture, std::span<const float> start,
                            const TrainingRun& got, double tolerance,
                            std::uint32_t moved_runs = 24);

}  // namespace dmd
