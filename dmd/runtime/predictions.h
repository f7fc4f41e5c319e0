// What a model says about a split: the prediction and what stands behind it, for each utterance.
#pragma once

#include <string>
#include <vector>

#include "dmd/data/dataset.h"
#include "dmd/metrics/metrics.h"
#include "dmd/models/model_def.h"
#include "dmd/runtime/device_model.h"

namespace dmd {

// One number for each utterance, under the name that reports use.
struct Column {
  std::string name;
  std::vector<float> values;
};

// The numbers of one of the model's outputs: a column for each element of its rows.
struct PredictedOutput {
  OutputInfo info;
  std::vector<Column> columns;
};

struct Predictions {
  std::vector<PredictedOutput> outputs;  // the prediction first; no representations

  const std::vector<float>& prediction() const { return outputs.front().columns.front().values; }

  // Every column of the outputs of a kind, in order.
  std::vector<const Column*> columns(OutputKind kind) const;
};

// Runs the split through the model in the order of the file, without dropout. Throws trine::Error
// if the split's sizes are not the model's.
Predictions predict(DeviceModel& model, const Split& split);

Metrics metrics_of(const Predictions& predictions, const Split& split, const Config& config);

}  // namespace dmd
