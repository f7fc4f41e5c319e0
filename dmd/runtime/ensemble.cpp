#include "dmd/runtime/ensemble.h"

#include <algorithm>

#include "engine/error.h"

namespace dmd {
namespace {

const PredictedOutput* find(const Predictions& predictions, const std::string& name) {
  const auto found = std::ranges::find_if(
      predictions.outputs, [&](const PredictedOutput& output) { return output.info.name == name; });
  return found == predictions.outputs.end() ? nullptr : &*found;
}

bool alike(const PredictedOutput& a, const PredictedOutput& b) {
  return std::ranges::equal(a.columns, b.columns, {}, &Column::name, &Column::name) &&
         std::ranges::equal(a.columns, b.columns, [](const Column& x, const Column& y) {
           return x.values.size() == y.values.size();
         });
}

Column mean_of_columns(std::span<const PredictedOutput* const> outputs, std::size_t column) {
  Column mean = outputs.front()->columns[column];
  for (std::size_t row = 0; row < mean.values.size(); ++row) {
    double sum = 0;
    for (const PredictedOutput* output : outputs) sum += output->columns[column].values[row];
    mean.values[row] = static_cast<float>(sum / static_cast<double>(outputs.size()));
  }
  return mean;
}

}  // namespace

Predictions mean_of(std::span<const Predictions> models) {
  if (models.empty()) trine::fail("there is no model to take the mean of");
  Predictions mean;
  for (const PredictedOutput& first : models.front().outputs) {
    std::vector<const PredictedOutput*> outputs;
    for (const Predictions& model : models)
      if (const PredictedOutput* output = find(model, first.info.name)) outputs.push_back(output);
    if (outputs.size() < models.size()) continue;
    for (const PredictedOutput* output : outputs)
      if (!alike(first, *output))
        trine::fail(
            "models of several seeds give '{}' other columns or rows: were they trained on "
            "the same data?",
            first.info.name);
    mean.outputs.push_back({first.info, {}});
    for (std::size_t c = 0; c < first.columns.size(); ++c)
      mean.outputs.back().columns.push_back(mean_of_columns(outputs, c));
  }
  return mean;
}

}  // namespace dmd
