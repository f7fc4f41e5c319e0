// A dictionary that modalities share (Li et al. 2026, "Decoupled Hierarchical Multimodal
// Distillation"): each asks it with a network of its own, and gets a mixture of its atoms.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/modality.h"
#include "dmd/config/settings.h"
#include "engine/nn/capture.h"

namespace dmd {

// How scores of atoms become their shares.
enum class AtomShares { softmax, sigmoid, sparsemax };
// How a score over time steps becomes one.
enum class StepPool { max, mean, sum };

struct DictionaryOptions {
  std::int64_t atoms = 0;
  float temperature = 1.0f;
  AtomShares shares = AtomShares::sparsemax;
  StepPool pool = StepPool::max;
};

// Rows for ModelDef::keys, and their values.
std::vector<Key> dictionary_keys();
DictionaryOptions dictionary_options(const Config& config);

struct LookUp {
  trine::Tensor scores;  // (B, n), pooled over time
  trine::Tensor shares;  // (B, n): how much of each atom
  trine::Tensor vector;  // (B, e): their mixture, of length 1
};

// Looks up x (B, N, e) in the dictionary `name`. Nothing flows back into x.
LookUp look_up(trine::nn::Capture& capture, std::string_view name, const DictionaryOptions& options,
               Modality m, trine::Tensor x);

}  // namespace dmd
