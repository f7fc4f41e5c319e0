// dmd train: one run, or one for each of several seeds.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/cli/interrupt.h"
#include "dmd/cli/label_notes.h"
#include "dmd/cli/run_requests.h"
#include "dmd/data/classes.h"
#include "dmd/data/labelled.h"
#include "dmd/metrics/metrics.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/report/results.h"
#include "dmd/text/text_features.h"
#include "dmd/train/baseline.h"
#include "dmd/train/training_run.h"

namespace dmd::cli {
namespace {

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::all_epochs:
      return "all epochs";
    case Ending::early_stop:
      return "early stop";
    case Ending::interrupted:
      return "interrupted";
  }
  return "";
}

// ---- Results ----

SeedResult seed_result(const RunOutcome& run) {
  SeedResult result{.seed = run.seed, .values = {}};
  for (const auto& [name, value] : run.test->values)
    result.values.emplace_back(name, rounded_4(value));
  result.values.emplace_back("best_epoch", static_cast<double>(run.best.epoch));
  result.values.emplace_back("epochs", static_cast<double>(run.epochs));
  result.values.emplace_back("seconds_per_epoch", run.seconds_per_epoch);
  return result;
}

std::vector<SeedResult> seed_results(const std::vector<RunOutcome>& runs) {
  std::vector<SeedResult> results;
  for (const RunOutcome& run : runs)
    if (run.test) results.push_back(seed_result(run));
  return results;
}

Json json_of(const RunOutcome& run) {
  return {{"seed", run.seed},
          {"out", run.folder.path.string()},
          {"ending", name_of(run.ending)},
          {"epochs", run.epochs},
          {"best_epoch", run.best.epoch},
          {"best_valid_loss", run.best.epoch > 0 ? Json(run.best.loss) : Json(nullptr)},
          {"seconds_per_epoch", run.seconds_per_epoch},
          {"test", run.test ? cli::json_of(*run.test) : Json(nullptr)}};
}

Json json_of(const RunRequests& requests, const std::vector<RunOutcome>& runs,
             const Scores& constant) {
  Json list = Json::array();
  for (const RunOutcome& run : runs) list.push_back(json_of(run));
  return {{"out", requests.folder.string()},
          {"runs", list},
          {"constant_predictor", cli::json_of(constant)}};
}

// A single run beside the constant predictor.
std::string text_of(const RunOutcome& run, const Scores& constant, Task task) {
  Table table{.columns = {"test split", "model", "constant"}, .rows = {}};
  for (const auto& [name, value] : run.test->values)
    table.rows.push_back(
        {name, fmt::format("{:.4f}", value), fmt::format("{:.4f}", constant[name])});
  return fmt::format(
      "{}{} utterances; constant: always {} of the training split\n"
      "{} after {} epochs, the best of them {}\n",
      aligned(table), run.test->n, constant_answer(task), name_of(run.ending), run.epochs,
      run.best.epoch);
}

void show(const RunRequests& requests, const std::vector<RunOutcome>& runs,
          const Scores& constant) {
  if (requests.several) {
    print(results_text(seed_results(runs)));
    const std::string& first = constant.headline.front();
    print(fmt::format("constant predictor: {} {:.4f}\nfiles: {}: results.csv, seed-N/\n", first,
                      constant[first], requests.folder.string()));
  } else {
    print(text_of(runs.front(), constant, requests.runs.front().config.task));
    print(fmt::format("files: {}: best.safetensors, last.safetensors, config.json, history.csv\n",
                      requests.folder.string()));
  }
}

// ---- Runs ----

Dataset load_labelled(const TrainOptions& options, const Config& config) {
  Dataset data = load_data(options.data, {.need_labels = !options.skip_unlabelled,
                                          .nonfinite = config.nonfinite,
                                          .task = config.task});
  if (!options.skip_unlabelled) return data;
  std::vector<std::string> left_out;
  keep_labelled(data, left_out);
  for (const std::string& about : left_out) note(about);
  return data;
}

std::vector<RunOutcome> train_all(const RunRequests& requests, const Dataset& data) {
  const InterruptGuard guard;
  Progress progress(std::cerr, screen_of(stderr));
  std::vector<RunOutcome> runs;
  for (const RunRequest& request : requests.runs) {
    std::optional<FolderClaim> claim;  // a single run's folder is that of the requests
    if (requests.several) claim.emplace(request.folder.path);
    runs.push_back(train_one(
        request, data, requests.backend, [&] { return guard.requested(); }, progress));
    if (runs.back().ending == Ending::interrupted) break;
    if (requests.several) write_results(requests.folder / "results.csv", seed_results(runs));
  }
  return runs;
}

void note_missing_lock(const RunRequests& requests) {
  if (requests.claim->is_exclusive()) return;
  note(
      fmt::format("note: {} cannot be locked on its file system: see to it that no other process "
                  "trains in it",
                  requests.folder.string()));
}

Exit train(const TrainOptions& options) {
  const Config asked = requested_config(options);
  Dataset data = load_labelled(options, asked);
  const RunRequests requests = requested_runs(options, asked, data);
  note_missing_lock(requests);
  const Config& config = requests.runs.front().config;
  note_range({&data.train, &data.valid, &data.test}, config);
  number_classes(data, config);
  prepare_text(data, config, requests.backend, options.resume);
  const std::vector<RunOutcome> runs = train_all(requests, data);
  const Scores constant = constant_predictor(data.train, data.test, config);
  const bool interrupted = runs.back().ending == Ending::interrupted;
  if (options.json) {
    print_json(json_of(requests, runs, constant));
  } else if (!interrupted) {
    show(requests, runs, constant);
  }
  if (!interrupted) return Exit::success;
  note(fmt::format("stopped and saved; go on with: dmd train --data {} --resume {}{}", options.data,
                   requests.folder.string(), options.skip_unlabelled ? " --skip-unlabelled" : ""));
  return Exit::interrupted;
}

// ---- Flags ----

constexpr const char* kExamples =
    "  dmd train --data synthetic --config tiny --out runs/first\n"
    "  dmd train --data mosi.pkl --model dmd --config mosi --seeds 1111,1112,1113\n"
    "  dmd train --data mosi.pkl --resume runs/first";

std::string config_help() {
  std::string text;
  for (const ModelDef* model : all_models()) {
    text += fmt::format("\n\n{}: {}. Its configurations:\n", model->name, model->title);
    for (const Preset& preset : model->presets)
      text += fmt::format("  {:<22} {}\n", preset.name, preset.meaning);
  }
  return text +
         "\nKeys of --set and of configuration files, with their values in mosi of dmd (other "
         "models have keys of their own: docs/configuration.md):\n" +
         describe_keys(preset_config("mosi"));
}

void add_run_flags(Command command, TrainOptions& options) {
  const Option resume = command.add_option(
      "--resume", options.resume, "Go on with the run in this folder as if it had never stopped");
  const auto of_new_runs = [&](const Option& option) { option.excludes(resume); };
  add_model(command, options.model);
  of_new_runs(command.option("--model"));
  of_new_runs(command.add_option("--config", options.config,
                                 "Configuration, a name or a file (default: tiny for built-in "
                                 "data, else mosi)"));
  of_new_runs(command.add_option("--variant", options.variant,
                                 "Short for --set variant=: where the authors' program and the "
                                 "paper part: reference or paper, with dhmd reference or figure"));
  const Option seed = command.add_option("--seed", options.seed, "Seed of everything random")
                          .check(whole_number(0));
  of_new_runs(seed);
  of_new_runs(command
                  .add_option("--seeds", options.seeds,
                              "One run for each seed: 1111,1112 or 1111-1115 or both")
                  .excludes(seed));
  of_new_runs(
      command.add_option("--out", options.out, "Folder of the run (default: runs/CONFIG-TIME)"));
  command
      .add_option("--set", options.settings,
                  "key=value of the configuration; with --resume, text_encoder_path=DIR alone")
      .one_value_each_time();
  command.add_flag("--skip-unlabelled", options.skip_unlabelled,
                   "Leave out utterances that have no label");
  of_new_runs(
      command
          .add_option("--drop", options.dropped,
                      "Modalities that the model is made without: text, audio, vision (default: "
                      "those that the data lacks)")
          .split_at(',')
          .check(one_of({"text", "audio", "vision"})));
  of_new_runs(command.add_option(
      "--init", options.init,
      "Start from this checkpoint's parameters where they have the names and shapes of the "
      "model's; the others are drawn"));
  command.add_option("--epochs", options.epochs, "At most so many epochs")
      .check(whole_number(1, 1'000'000));
}

}  // namespace

void add_train(Command program, Action& chosen) {
  const auto options = std::make_shared<TrainOptions>();
  const Command command =
      add_command(program, chosen, "train", "Train a model and score it on the test split",
                  kExamples + config_help(), options, train);
  add_data(command, options->data);
  add_run_flags(command, *options);
  add_device(command, options->device);
  add_threads(command, options->threads);
  add_json(command, options->json);
}

}  // namespace dmd::cli
