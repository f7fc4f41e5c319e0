// dmd predict: what a checkpoint says of every utterance, and why.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/prediction_columns.h"
#include "dmd/cli/saved_model.h"
#include "dmd/runtime/answers.h"
#include "dmd/runtime/ensemble.h"
#include "dmd/runtime/predictions.h"
#include "dmd/runtime/representations.h"
#include "engine/io/atomic_file.h"
#include "engine/io/npz.h"
#include "engine/io/safetensors.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  std::string out, representations;

  bool is_text() const { return !model.text.text.empty(); }
};

enum class Format { csv, json_lines };

Format format_of(const std::string& file) {
  const std::string suffix = std::filesystem::path(file).extension().string();
  if (suffix == ".csv") return Format::csv;
  if (suffix == ".jsonl") return Format::json_lines;
  throw UsageError(fmt::format("--out {}: the name should end in .csv or .jsonl", file));
}

void write_csv(trine::io::AtomicFile& file, const Split& split, const FileColumns& columns) {
  std::vector<std::string> cells{"id", "text"};
  for (const FileColumn& column : columns) cells.push_back(column.name);
  file.write(csv_line(cells));
  for (std::size_t row = 0; row < split.ids.size(); ++row) {
    cells = {split.ids[row], split.raw_text[row]};
    for (const FileColumn& column : columns) cells.push_back(cell_of(column, row));
    file.write(csv_line(cells));
  }
}

void write_json_lines(trine::io::AtomicFile& file, const Split& split, const FileColumns& columns) {
  for (std::size_t row = 0; row < split.ids.size(); ++row) {
    Json object = {{"id", split.ids[row]}, {"text", split.raw_text[row]}};
    for (const FileColumn& column : columns) object[column.name] = json_of(column, row);
    file.write(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

// Outputs whose parameters the checkpoint does not hold would mean nothing.
void leave_out_missing(const Checkpoint& checkpoint, const std::vector<OutputInfo>& outputs,
                       Predictions& predictions) {
  note_left_out(checkpoint, outputs);
  const std::vector<OutputInfo> there = outputs_in(checkpoint, outputs);
  std::erase_if(predictions.outputs, [&](const PredictedOutput& output) {
    return std::ranges::find(there, output.info.name, &OutputInfo::name) == there.end();
  });
}

Table table_of(const Predictions& predictions) {
  Table table{.columns = {"head", "score"}, .rows = {}};
  const auto add = [&](const std::string& name, float score) {
    table.rows.push_back({name, fmt::format("{:+.4f}", score)});
  };
  add("prediction", predictions.prediction().front());
  for (const Column* head : predictions.columns(OutputKind::head))
    add(head->name, head->values.front());
  return table;
}

// What each head decides, and the probabilities behind it.
Table table_of_choices(const Predictions& predictions, const Config& config) {
  Table table{.columns = {"head", "answer"}, .rows = {}};
  for (const PredictedOutput& output : predictions.outputs) {
    const bool is_answer = output.info.kind == OutputKind::prediction;
    if (!is_answer && output.info.kind != OutputKind::head) continue;
    const std::vector<float> logits = output.row(0);
    std::vector<std::string> row{is_answer ? "prediction" : output.info.name,
                                 text_of_label(decided(logits, config), config)};
    for (const Choice& choice : choices_of(logits, config)) {
      if (is_answer) table.columns.push_back(choice.name);
      row.push_back(fmt::format("{:.4f}", choice.probability));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// What one checkpoint says, or several seeds and their mean.
struct Said {
  Config config;
  Split split;
  Predictions together;
  std::vector<std::pair<std::uint64_t, Predictions>> by_seed;  // empty of one checkpoint
};

Predictions said_by(SavedModel& saved) {
  Predictions predictions = predict(saved.model(), saved.split());
  leave_out_missing(saved.checkpoint(), saved.model().declared().outputs, predictions);
  return predictions;
}

Said what_is_said(const ModelOptions& options) {
  const std::vector<SeedRun> runs = seed_runs(options.checkpoint);
  if (runs.empty()) {
    SavedModel saved(options);
    return {saved.model().config(), saved.split(), said_by(saved), {}};
  }
  Said said;
  std::vector<Predictions> all;
  for (const SeedRun& run : runs) {
    SavedModel saved(of_seed(options, run));
    said.config = saved.model().config();
    said.split = saved.split();
    all.push_back(said_by(saved));
    said.by_seed.emplace_back(run.seed, all.back());
  }
  said.together = mean_of(all);
  return said;
}

Exit show_prediction(const Options& options) {
  const Said said = what_is_said(options.model);
  print(aligned(said.config.task == Task::regression
                    ? table_of(said.together)
                    : table_of_choices(said.together, said.config)));
  return Exit::success;
}

Exit write_predictions(const Options& options) {
  const Format format = format_of(options.out);
  const Said said = what_is_said(options.model);
  FileColumns columns = columns_of(said.together, said.split, said.config);
  for (const auto& [seed, predictions] : said.by_seed)
    std::ranges::move(columns_of_seed(predictions, said.split, said.config, seed),
                      std::back_inserter(columns));
  trine::io::AtomicFile file(options.out);
  const auto write = format == Format::csv ? write_csv : write_json_lines;
  write(file, said.split, columns);
  file.commit();
  note(fmt::format("wrote {} predictions to {}", said.split.size(), options.out));
  return Exit::success;
}

// Ids and texts stay in the file of predictions, whose rows are in the same order.
Exit write_representations(const Options& options) {
  const std::string suffix = std::filesystem::path(options.representations).extension().string();
  if (suffix != ".npz" && suffix != ".safetensors")
    throw UsageError(
        fmt::format("--representations {}: the name should end in .npz or .safetensors",
                    options.representations));
  SavedModel saved(options.model);
  trine::io::NamedArrays arrays = represent(saved.model(), saved.split());
  const Split& split = saved.split();
  trine::io::Extents shape{split.size()};
  if (split.label_width > 1) shape.push_back(split.label_width);
  arrays.push_back({"label", trine::io::Array::from(split.labels, shape)});
  if (suffix == ".npz") {
    trine::io::write_npz(options.representations, arrays);
  } else {
    trine::io::write_safetensors(options.representations, arrays);
  }
  note(fmt::format("wrote {} arrays of {} utterances to {}", arrays.size(), saved.split().size(),
                   options.representations));
  return Exit::success;
}

// A file is written for a split, a sentence is answered on the spot.
Exit predict_what_is_asked(const Options& options) {
  if (!options.representations.empty()) {
    if (options.model.data.empty()) throw UsageError("--data is required with --representations");
    write_representations(options);
    if (options.out.empty()) return Exit::success;
  }
  if (options.is_text() == !options.out.empty())
    throw UsageError("give --data and --out to score a split, or --text to score a sentence");
  if (options.is_text()) return show_prediction(options);
  if (options.model.data.empty()) throw UsageError("--data is required with --out");
  return write_predictions(options);
}

}  // namespace

void add_predict(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "predict",
      "Write every utterance's prediction, what each head of the model says, and its edges (of "
      "DMD, "
      "homo_a_to_l: how much l learns from a)",
      "  dmd predict --checkpoint runs/mosi/best.safetensors --data mosi.pkl --out mosi.csv\n"
      "  dmd predict --checkpoint runs/mosi --data mosi.pkl --representations mosi.npz\n"
      "  dmd predict --checkpoint runs/bert --text \"I loved every minute of it\"",
      options, predict_what_is_asked);
  add_model_options(command, options->model);
  add_text_options(command, options->model);
  command.add_option("--out", options->out, "File to write: .csv or .jsonl");
  command.add_option("--representations", options->representations,
                     "File to write the features inside the model to: .npz or .safetensors");
}

}  // namespace dmd::cli
