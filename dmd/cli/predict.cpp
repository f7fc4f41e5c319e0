// dmd predict: what a checkpoint says of every utterance, and why.

#include <filesystem>

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/saved_model.h"
#include "dmd/train/predictions.h"
#include "engine/io/atomic_file.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  std::string out;
};

enum class Format { csv, json_lines };

Format format_of(const std::string& file) {
  const std::string suffix = std::filesystem::path(file).extension().string();
  if (suffix == ".csv") return Format::csv;
  if (suffix == ".jsonl") return Format::json_lines;
  throw UsageError(fmt::format("--out {}: the name should end in .csv or .jsonl", file));
}

// The number columns of the output in their order.
std::vector<Column> columns_of(const Predictions& predictions, const Split& split) {
  std::vector<Column> columns{{"label", split.labels}, {"prediction", predictions.output}};
  for (const auto* group : {&predictions.heads, &predictions.edges})
    columns.insert(columns.end(), group->begin(), group->end());
  return columns;
}

void write_csv(trine::io::AtomicFile& file, const Split& split,
               const std::vector<Column>& columns) {
  std::vector<std::string> cells{"id", "text"};
  for (const Column& column : columns) cells.push_back(column.name);
  file.write(csv_line(cells));
  for (std::size_t row = 0; row < split.ids.size(); ++row) {
    cells = {split.ids[row], split.raw_text[row]};
    for (const Column& column : columns) cells.push_back(fmt::format("{}", column.values[row]));
    file.write(csv_line(cells));
  }
}

void write_json_lines(trine::io::AtomicFile& file, const Split& split,
                      const std::vector<Column>& columns) {
  for (std::size_t row = 0; row < split.ids.size(); ++row) {
    Json object = {{"id", split.ids[row]}, {"text", split.raw_text[row]}};
    for (const Column& column : columns) object[column.name] = column.values[row];
    file.write(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

// Edges of a unit whose parameters the checkpoint does not hold would mean nothing.
void leave_out_missing_units(const Checkpoint& checkpoint, Predictions& predictions) {
  for (const char* unit : {"homo", "hetero"}) {
    if (has_unit(checkpoint, unit)) continue;
    std::erase_if(predictions.edges,
                  [&](const Column& edge) { return edge.name.starts_with(unit); });
    note(fmt::format("{} has no {} unit, so its edges are left out", checkpoint.file.string(),
                     unit));
  }
}

Exit write_predictions(const Options& options) {
  const Format format = format_of(options.out);
  SavedModel saved(options.model);
  trine::io::AtomicFile file(options.out);
  Predictions predictions = predict(saved.model(), saved.split());
  leave_out_missing_units(saved.checkpoint(), predictions);

  const std::vector<Column> columns = columns_of(predictions, saved.split());
  const auto write = format == Format::csv ? write_csv : write_json_lines;
  write(file, saved.split(), columns);
  file.commit();
  note(fmt::format("wrote {} predictions to {}", saved.split().size(), options.out));
  return Exit::success;
}

}  // namespace

void add_predict(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, chosen, "predict",
      "Write every utterance's prediction, the logits of all heads and the edges of both graph "
      "distillation units (homo_a_to_l: how much l learns from a)",
      "  dmd predict --checkpoint runs/mosi/best.safetensors --data mosi.pkl --out mosi.csv",
      options, write_predictions);
  add_model_options(command, options->model);
  command->add_option("--out", options->out, "File to write: .csv or .jsonl")->required();
}

}  // namespace dmd::cli
