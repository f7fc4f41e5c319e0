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

std::vector<float> PredictedOutput::row(std::size_t utterance) const {
  std::vector<float> numbers;
  for (const Column& column : columns) numbers.push_back(column.values[utterance]);
  return numbers;
}

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

Scores scores_of(const Predictions& predictions, const Split& split, const Config& config) {
  std::vector<float> answers;
  for (std::size_t i = 0; i < static_cast<std::size_t>(split.size()); ++i) {
    const std::vector<float> row = predictions.answer().row(i);
    answers.insert(answers.end(), row.begin(), row.end());
  }
  return scores_of(answers, split, config);
}

Scores scores_of(std::span<const float> answers, const Split& split, const Config& config) {
  if (config.task == Task::classification)
    return class_scores(answers, split.labels, config.classes, config.batch_size);
  if (config.task == Task::emotion)
    return question_scores(answers, split.labels, {kEmotions.begin(), kEmotions.end()},
                           config.batch_size);
  const auto score_numbers = config.metrics == MetricSet::sims   ? sims_scores
                             : config.metrics == MetricSet::mult ? mult_scores
                                                                 : mosi_scores;
  return score_numbers(answers, split.labels, config.batch_size);
}

}  // namespace dmd
