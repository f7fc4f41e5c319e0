// Compares a model here with its authors' program on a fixture folder: activations, losses, edges,
// every gradient, a short training run, and what the model's other configurations give.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "backends/session.h"
#include "dmd/verify/comparison.h"

namespace dmd {

// The largest relative errors that pass.
struct Tolerances {
  double forward = 1e-4, loss = 1e-4, grad = 1e-3, train = 2e-3;
};

struct VerifyReport {
  bool passed = false;
  GroupError forward;  // activations, edges and priors, by the largest difference
  GroupError loss;
  GroupError grad;   // each parameter's gradient, in the Euclidean norm, and norms of all together
  GroupError train;  // each column of the loss curve, norms, and the output after the last step
  std::string
      note;  // a sentence where `train` is compared with a rounded_run: dmd/verify/training.h
};

// Runs the model that the folder's config.json names (the default model if none) in the session,
// with "key=value" settings on top.
// Throws trine::Error if the folder cannot be read or the model does not fit it.
VerifyReport verify(const std::filesystem::path& folder, trine::Session& session,
                    const Tolerances& tolerances = {}, std::span<const std::string> settings = {});

}  // namespace dmd
