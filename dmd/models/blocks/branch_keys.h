// The keys of models that are made of these blocks: their width, their transformers and where they
// drop out, under the names of the authors' configuration files.
#pragma once

#include <cstdint>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/modality.h"
#include "dmd/config/per_modality.h"
#include "dmd/config/settings.h"
#include "dmd/data/input_sizes.h"

namespace dmd {

struct BranchOptions {
  ModalitySet modalities = ModalitySet::all();  // those that the model reads
  std::int64_t width = 0;                       // d
  std::int64_t heads = 0;
  std::int64_t levels = 0;                // layers of a transformer
  PerModality<std::int64_t> kernels;      // time steps that a projection spans
  PerModality<double> attention_dropout;  // by the modality that supplies keys and values
  double relu_dropout = 0, embed_dropout = 0, residual_dropout = 0;
  bool causal = true;             // whether a time step sees the earlier ones alone
  double output_dropout = 0;      // inside heads
  double text_dropout = 0;        // of the text features
  std::int64_t answer_width = 1;  // of every head
};

// Rows for ModelDef::keys; the defaults are those of DMD's authors for MOSI.
std::vector<Key> branch_keys();

BranchOptions branch_options(const Config& config);

// The same without `output_dropout` and `text_dropout`, for models that have these rates under
// other names or take them from elsewhere.
std::vector<Key> transformer_keys();

BranchOptions transformer_branches(const Config& config);

// Throws trine::Error where the width does not divide among the heads.
void check_branches(const Config& config);

// Throws trine::Error where a projection's kernel is longer than its sequence, or a modality is
// already d wide and its kernel is not 1 (the projection is skipped there, so the kernel would not
// apply).
void check_projections(const Config& config, const InputSizes& sizes);

}  // namespace dmd
