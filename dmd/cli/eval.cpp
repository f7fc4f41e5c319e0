// dmd eval: scores a checkpoint on a split.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/label_notes.h"
#include "dmd/cli/saved_model.h"
#include "dmd/data/classes.h"
#include "dmd/data/labelled.h"
#include "dmd/data/missing.h"
#include "dmd/metrics/metrics.h"
#include "dmd/report/results.h"
#include "dmd/runtime/predictions.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  bool robustness = false, json = false;
};

Scores scored(SavedModel& saved, const Split& split) {
  return scores_of(predict(saved.model(), split), split, saved.model().config());
}

Table table_of(const Scores& scores) {
  Table table{.columns = {"metric", "value"}, .rows = {}};
  for (const auto& [name, value] : scores.values)
    table.rows.push_back({name, fmt::format("{:.4f}", value)});
  table.rows.push_back({"n", std::to_string(scores.n)});
  return table;
}

// ---- Classes ----

Table classes_of(const ClassTable& of) {
  const Confusion& confusion = of.confusion;
  Table table{
      .columns = {of.name.empty() ? "class" : of.name, "precision", "recall", "F1", "support"},
      .rows = {}};
  for (std::size_t c = 0; c < of.classes.size(); ++c)
    table.rows.push_back({of.classes[c], fmt::format("{:.4f}", confusion.precision(c)),
                          fmt::format("{:.4f}", confusion.recall(c)),
                          fmt::format("{:.4f}", confusion.f1(c)),
                          std::to_string(confusion.support(c))});
  return table;
}

// A row for each class of the labels, a column for each that was predicted.
Table confusion_of(const ClassTable& of) {
  Table table{.columns = {"label \\ prediction"}, .rows = {}};
  for (std::size_t label = 0; label < of.classes.size(); ++label) {
    table.columns.push_back(of.classes[label]);
    table.rows.push_back({of.classes[label]});
    for (std::size_t p = 0; p < of.classes.size(); ++p)
      table.rows.back().push_back(std::to_string(of.confusion.count(label, p)));
  }
  return table;
}

std::string text_of(const Scores& scores) {
  std::string text = aligned(table_of(scores));
  for (const ClassTable& table : scores.tables)
    text += fmt::format("\n{}\n{}", aligned(classes_of(table)), aligned(confusion_of(table)));
  return text;
}

// ---- With a part of the modalities ----

struct Subset {
  std::string name;  // "text + audio"
  std::vector<Modality> missing;
};

// Every one but the empty, larger ones first: seven of three modalities.
std::vector<Subset> subsets(const ModalitySet& modalities) {
  std::vector<Subset> all;
  for (const unsigned present : {7u, 3u, 5u, 6u, 1u, 2u, 4u}) {
    Subset subset;
    const auto is_present = [&](Modality m) { return (present >> index_of(m) & 1u) != 0; };
    if (std::ranges::any_of(kModalities,
                            [&](Modality m) { return is_present(m) && !modalities.contains(m); }))
      continue;
    for (const Modality m : modalities) {
      if (is_present(m))
        subset.name += fmt::format("{}{}", subset.name.empty() ? "" : " + ", name_of(m));
      else
        subset.missing.push_back(m);
    }
    all.push_back(std::move(subset));
  }
  return all;
}

// ---- What is scored ----

// The scores of the split, or with --robustness of every subset of the modalities, by its name.
struct Scored {
  std::string name;
  Scores scores;
};

std::vector<Scored> scored_as_asked(SavedModel& saved, bool robustness) {
  if (!robustness) return {{"", scored(saved, saved.split())}};
  std::vector<Scored> all;
  const Config& config = saved.model().config();
  for (const Subset& subset : subsets(config.modalities)) {
    Split split = saved.split();
    for (const Modality m : subset.missing) drop(split, m, config);
    all.push_back({subset.name, scored(saved, split)});
  }
  return all;
}

void show_robustness(const std::vector<Scored>& all) {
  Table table{.columns = {"modalities"}, .rows = {}};
  for (const auto& [name, value] : all.front().scores.values) table.columns.push_back(name);
  for (const auto& [subset, scores] : all) {
    table.rows.push_back({subset});
    for (const auto& [name, value] : scores.values)
      table.rows.back().push_back(fmt::format("{:.4f}", value));
  }
  print(aligned(table));
}

std::string_view label_field(Task task) {
  switch (task) {
    case Task::classification:
      return "classification_labels";
    case Task::emotion:
      return "labels of emotions (samples, 4, 2)";
    case Task::regression:
      break;
  }
  return "regression_labels";
}

// A score needs labels, of the split that is scored alone, and classes that the model knows.
void check_labels(const ModelOptions& options, const Split& split, const Config& config) {
  const std::string where = fmt::format("the {} split of {}", options.split, options.data);
  const std::int64_t unlabelled = count_unlabelled(split);
  if (split.size() == 0) trine::fail("{} has no labelled utterance", where);
  if (unlabelled == split.size())
    trine::fail("no utterance of {} has {}, and task = {}: use `dmd predict`, which needs none",
                where, label_field(config.task), name_of(config.task));
  if (unlabelled > 0)
    trine::fail(
        "{} of {} utterances of {} have no label: leave them out with "
        "--skip-unlabelled, or use `dmd predict`, which needs none",
        unlabelled, split.size(), where);
  check_classes(split, config, where);
}

std::vector<Scored> scores_of_checkpoint(const Options& options) {
  SavedModel saved(options.model);
  const Config& config = saved.model().config();
  check_labels(options.model, saved.split(), config);
  note_range({&saved.split()}, config);
  return scored_as_asked(saved, options.robustness);
}

Exit evaluate_one(const Options& options) {
  const std::vector<Scored> all = scores_of_checkpoint(options);
  if (options.json) {
    Json object;
    for (const auto& [subset, scores] : all) object[subset] = json_of(scores);
    print_json(options.robustness ? object : object.front());
  } else if (options.robustness) {
    show_robustness(all);
  } else {
    print(text_of(all.front().scores));
  }
  return Exit::success;
}

// ---- Runs of several seeds ----

Json json_of(const NamedValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = rounded_4(value);
  return object;
}

Json json_of(const std::vector<SeedResult>& results) {
  Json runs = Json::array();
  for (const SeedResult& result : results) {
    runs.push_back({{"seed", result.seed}});
    runs.back().update(json_of(result.values));
  }
  return {
      {"runs", runs}, {"mean", json_of(mean_of(results))}, {"std", json_of(deviation_of(results))}};
}

Exit evaluate_seeds(const Options& options, const std::vector<SeedRun>& runs) {
  std::map<std::string, std::vector<SeedResult>> results;
  std::vector<std::string> order;
  for (const SeedRun& run : runs)
    for (const auto& [subset, scores] : scores_of_checkpoint(
             {.model = of_seed(options.model, run), .robustness = options.robustness})) {
      if (!results.contains(subset)) order.push_back(subset);
      results[subset].push_back({.seed = run.seed, .values = scores.values});
    }
  Json object;
  std::string text;
  for (const std::string& subset : order) {
    object[subset] = json_of(results[subset]);
    if (options.robustness) text += fmt::format("{}{}\n", text.empty() ? "" : "\n", subset);
    text += results_text(results[subset]);
  }
  if (options.json) {
    print_json(options.robustness ? object : object.front());
  } else {
    print(text);
  }
  return Exit::success;
}

Exit evaluate(const Options& options) {
  const std::vector<SeedRun> runs = seed_runs(options.model.checkpoint);
  return runs.empty() ? evaluate_one(options) : evaluate_seeds(options, runs);
}

}  // namespace

void add_eval(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "eval", "Score a checkpoint on a split of a feature file",
      "  dmd eval --checkpoint runs/mosi/best.safetensors --data mosi.pkl\n"
      "  dmd eval --checkpoint runs/mosi --data mosi.pkl --drop audio,vision\n"
      "  dmd eval --checkpoint runs/five --data mosi.pkl        # each of its seeds, and their "
      "mean\n"
      "  dmd eval --checkpoint mosi.pth --config mosi --data mosi.pkl --split valid --json",
      options, evaluate);
  add_model_options(command, options->model);
  command
      .add_flag("--robustness", options->robustness,
                "Score it with every subset of the modalities that it reads")
      .excludes(command.option("--drop"));
  command.add_flag("--skip-unlabelled", options->model.skip_unlabelled,
                   "Leave out utterances that have no label");
  add_json(command, options->json);
}

}  // namespace dmd::cli
