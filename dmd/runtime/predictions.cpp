#include "dmd/runtime/predictions.h"

#include "dmd/data/input_sizes.h"
#include "dmd/models/configuration.h"

namespace dmd {
namespace {

PredictedOutput empty_output(const OutputInfo& info) {
  PredictedOutput output{.info = info, .columns = {}};
  for (const std::string& name : info.columns) output.columns.push_back({name, {}});
  if (info.columns.empty()) output.columns.push_back({info.name, {}});
  return output;
}

// values: (B, columns), row-major.
void append(PredictedOutput& output, const std::vector<float>& values) {
  const std::size_t columns = output.columns.size();
  for (std::size_t i = 0; i < values.size(); ++i)
    output.columns[i % columns].values.push_back(values[i]);
}

}  // namespace

std::vector<const Column*> Predictions::columns(OutputKind kind) const {
  std::vector<const Column*> all;
  for (const PredictedOutput& output : outputs)
    if (output.info.kind == kind)
      for (const Column& column : output.columns) all.push_back(&column);
  return all;
}

Predictions predict(DeviceModel& model, const Split& split) {
  check_against(model.config(), input_sizes(split));
  Predictions predictions;
  for (const OutputInfo& info : model.declared().outputs)
    if (info.kind != OutputKind::representation) predictions.outputs.push_back(empty_output(info));
  Batch batch;
  const std::vector<std::int64_t> order = file_order(split.size());
  for (const auto rows : batches_of(order, model.config().batch_size)) {
    gather(split, rows, batch);
    trine::Executable& program = model.predict(batch.size);
    feed(program, batch, model.config());
    program.run({});
    for (PredictedOutput& output : predictions.outputs)
      append(output, program.fetch(output.info.name));
  }
  return predictions;
}

Metrics metrics_of(const Predictions& predictions, const Split& split, const Config& config) {
  return score(predictions.prediction(), split.labels, config.batch_size);
}

}  // namespace dmd
