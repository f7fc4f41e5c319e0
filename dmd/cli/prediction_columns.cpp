#include "dmd/cli/prediction_columns.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "dmd/runtime/answers.h"

namespace dmd::cli {
namespace {

// "prediction_happy".
std::string column_name(std::string_view what, std::string_view choice) {
  return fmt::format("{}_{}", what, choice);
}

// One number of every row.
FileColumn numbers(std::string name, std::int64_t rows, const auto& number_of) {
  std::vector<float> values;
  for (std::int64_t row = 0; row < rows; ++row)
    values.push_back(static_cast<float>(number_of(static_cast<std::size_t>(row))));
  return {std::move(name), std::move(values)};
}

FileColumns class_columns(const Predictions& predictions, const Split& split,
                          const Config& config) {
  std::vector<std::string> answers;
  for (std::size_t row = 0; row < split.ids.size(); ++row)
    answers.push_back(text_of_label(decided(predictions.answer().row(row), config), config));
  // A class that the model does not know is still what the file says.
  std::vector<std::string> labels = split.classes;
  labels.resize(split.ids.size());
  return {{"label", std::move(labels)}, {"prediction", std::move(answers)}};
}

FileColumns emotion_columns(const Predictions& predictions, const Split& split,
                            const Config& config) {
  FileColumns columns;
  for (std::size_t i = 0; i < kEmotions.size(); ++i)
    columns.push_back(numbers(column_name("label", kEmotions[i]), split.size(),
                              [&](std::size_t row) { return split.label(row)[i]; }));
  for (std::size_t i = 0; i < kEmotions.size(); ++i)
    columns.push_back(numbers(
        column_name("prediction", kEmotions[i]), split.size(),
        [&](std::size_t row) { return decided(predictions.answer().row(row), config)[i]; }));
  return columns;
}

// Labels and predictions, and behind them the probabilities of classes or of emotions.
FileColumns answer_columns_of(const Predictions& predictions, const Split& split,
                              const Config& config) {
  if (config.task == Task::regression)
    return {{"label", split.labels}, {"prediction", predictions.prediction()}};
  FileColumns columns = config.task == Task::classification
                            ? class_columns(predictions, split, config)
                            : emotion_columns(predictions, split, config);
  const std::vector<std::string> names = choice_names(config);
  for (std::size_t i = 0; i < names.size(); ++i)
    columns.push_back(
        numbers(column_name("probability", names[i]), split.size(), [&](std::size_t row) {
          return choices_of(predictions.answer().row(row), config)[i].probability;
        }));
  return columns;
}

}  // namespace

FileColumns columns_of(const Predictions& predictions, const Split& split, const Config& config) {
  FileColumns columns = answer_columns_of(predictions, split, config);
  for (const OutputKind kind : {OutputKind::head, OutputKind::edges})
    for (const Column* column : predictions.columns(kind))
      columns.push_back({column->name, column->values});
  return columns;
}

FileColumns columns_of_seed(const Predictions& predictions, const Split& split,
                            const Config& config, std::uint64_t seed) {
  FileColumns columns = answer_columns_of(predictions, split, config);
  std::erase_if(columns, [](const FileColumn& c) { return !c.name.starts_with("prediction"); });
  for (FileColumn& column : columns) column.name += fmt::format("_seed_{}", seed);
  return columns;
}

std::string cell_of(const FileColumn& column, std::size_t row) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&column.values))
    return (*texts)[row];
  const float value = std::get<std::vector<float>>(column.values)[row];
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

Json json_of(const FileColumn& column, std::size_t row) {
  if (cell_of(column, row).empty()) return Json();
  return std::visit([row](const auto& values) { return Json(values[row]); }, column.values);
}

}  // namespace dmd::cli
