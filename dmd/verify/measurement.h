// A model of a fixture beside the one that is trained: with parameters of its own and unclipped.
#pragma once

#include <map>

#include "backends/session.h"
#include "dmd/checkpoint/checkpoint.h"
#include "dmd/verify/fixture.h"

namespace dmd {

// A grad_clip that clips nothing.
inline constexpr double kUnclipped = 1e30;

class Measurement {
 public:
  // On the device of `session`, with a state of its own.
  Measurement(const trine::Session& session, Config config, const Checkpoint& parameters);

  // An evaluation of the batch by Golden::capture, to fetch from.
  trine::Executable evaluate(const FixtureBatch& batch);

  // Adds the batch's gradient to that of earlier ones. Returns its total loss.
  double learn(const FixtureBatch& batch);
  // The Euclidean norm of what was added.
  double gradient_norm() const;

 private:
  trine::Executable& accumulating(std::int64_t batch);

  trine::Session session_;
  Config config_;
  Declaration declared_;
  std::map<std::int64_t, trine::Executable> accumulating_;  // by batch size
};

// The program of Golden::capture. Throws trine::Error if the model has none.
trine::Executable compile_golden(trine::Session& session, const Config& config,
                                 Declaration& declared, std::int64_t batch);

// Feeds features and labels to a program of the batch's size.
void feed(trine::Executable& program, const FixtureBatch& batch);

std::vector<double> fetched(const trine::Executable& program, std::string_view name);

}  // namespace dmd
