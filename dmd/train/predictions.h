// What a model says about a split: the prediction and what stands behind it, an utterance each.
#pragma once

#include <string>
#include <vector>

#include "dmd/data/dataset.h"
#include "dmd/metrics/metrics.h"
#include "dmd/model/graph_unit.h"
#include "dmd/train/device_model.h"

namespace dmd {

// A head beside the prediction: the program's fetch (model/programs.h), its name in reports, and
// whose opinion it is.
struct HeadSource {
  std::string fetch, name, meaning;
};
std::vector<HeadSource> head_sources();

// The edges of a unit as reports call them, in the order of kEdgeList.
std::vector<std::string> edge_names(const GraphUnit& unit);

// One number an utterance, under the name that reports use.
struct Column {
  std::string name;
  std::vector<float> values;
};

struct Predictions {
  std::vector<float> output;  // the prediction
  // The other heads: logit_c of the fused irrelevant parts; logit_homo_M and logit_hetero_M of one
  // modality's irrelevant and exclusive part, M = l, v, a.
  std::vector<Column> heads;
  // The six edges of each unit: "homo_a_to_l" is how much l, the student, learns from a, the
  // teacher (edge (l, a) of the unit).
  std::vector<Column> edges;
};

// Runs the split through the model in the order of the file, without dropout. Throws trine::Error
// if the split's sizes are not the model's.
Predictions predict(DeviceModel& model, const Split& split);

Metrics metrics_of(const Predictions& predictions, const Split& split, const Config& config);

}  // namespace dmd
