// What a model says about a split: the prediction and what stands behind it, for each utterance.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dmd/data/dataset.h"
#include "dmd/metrics/scores.h"
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

  // An utterance's numbers.
  std::vector<float> row(std::size_t utterance) const;
};

struct Predictions {
  std::vector<PredictedOutput> outputs;  // the prediction first; no representations

  const PredictedOutput& answer() const { return outputs.front(); }
  // Of models that answer with one number.
  const std::vector<float>& prediction() const { return answer().columns.front().values; }

  // Every column of the outputs of a kind, in order.
  std::vector<const Column*> columns(OutputKind kind) const;
};

// Runs the split through the model in the order of the file, without dropout. Throws trine::Error
// if the split's sizes are not the model's.
Predictions predict(DeviceModel& model, const Split& split);

// By the metrics of the configuration's task and data.
Scores scores_of(const Predictions& predictions, const Split& split, const Config& config);

// The same of answers (n, answer width), row-major.
Scores scores_of(std::span<const float> answers, const Split& split, const Config& config);

}  // namespace dmd
