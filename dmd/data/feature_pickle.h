// The layout of MMSA feature files: a dict of train, valid and test, each a dict of fields.
#pragma once

#include "dmd/data/feature_checks.h"
#include "engine/io/torch_document.h"

namespace dmd {

// Splits: train, valid (or val, validation, dev) and test. Fields: text, audio and vision;
// regression_labels, or labels where they hold one number per sample; id, raw_text and text_bert
// where they are there; others are not looked at. Throws trine::Error with a clause that names what
// is missing and what is there instead.
RawDataset splits_from_pickle(const trine::io::TorchDocument& document, std::size_t file_bytes,
                              const FeatureOptions& options);

// Whether the names in it are those of features, and not of a model's parameters.
bool looks_like_features(const trine::io::pickle::Value& root);

}  // namespace dmd
