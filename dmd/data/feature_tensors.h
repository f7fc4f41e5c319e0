// The layout of feature files in safetensors, as `dmd convert` writes them.
//
// Tensors, for SPLIT in train, valid, test:
//   SPLIT.text, SPLIT.audio, SPLIT.vision   (n, steps, width), f32
//   SPLIT.regression_labels                 (n), f32; may be absent
//   SPLIT.text_bert                         (n, 3, tokens), i32: ids, mask, segments; may be absent
// Metadata: format = "dmd.features"; SPLIT.id and SPLIT.raw_text, JSON lists of n strings.
#pragma once

#include "dmd/data/feature_checks.h"
#include "engine/io/safetensors.h"

namespace dmd {

// Any numeric type is accepted. Throws trine::Error with a clause.
RawDataset splits_from_tensors(const trine::io::Safetensors& file, const FeatureOptions& options);

trine::io::Safetensors tensors_from(const Dataset& data);

}  // namespace dmd
