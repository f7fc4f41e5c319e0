// dmd eval: scores a checkpoint on a split.

#include <algorithm>

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/label_notes.h"
#include "dmd/cli/saved_model.h"
#include "dmd/data/classes.h"
#include "dmd/data/labelled.h"
#include "dmd/data/missing.h"
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

Exit show_robustness(SavedModel& saved, bool json) {
  Table table{.columns = {}, .rows = {}};
  Json object;
  for (const Subset& subset : subsets(saved.model().config().modalities)) {
    Split split = saved.split();
    for (const Modality m : subset.missing) drop(split, m, saved.model().config());
    const Scores scores = scored(saved, split);
    object[subset.name] = json_of(scores);
    table.columns = {"modalities"};
    table.rows.push_back({subset.name});
    for (const auto& [name, value] : scores.values) {
      table.columns.push_back(name);
      table.rows.back().push_back(fmt::format("{:.4f}", value));
    }
  }
  if (json) {
    print_json(object);
  } else {
    print(aligned(table));
  }
  return Exit::success;
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

Exit evaluate(const Options& options) {
  SavedModel saved(options.model);
  const Config& config = saved.model().config();
  check_labels(options.model, saved.split(), config);
  note_range({&saved.split()}, config);
  if (options.robustness) return show_robustness(saved, options.json);
  const Scores scores = scored(saved, saved.split());
  if (options.json) {
    print_json(json_of(scores));
  } else {
    print(text_of(scores));
  }
  return Exit::success;
}

}  // namespace

void add_eval(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, chosen, "eval", "Score a checkpoint on a split of a feature file",
      "  dmd eval --checkpoint runs/mosi/best.safetensors --data mosi.pkl\n"
      "  dmd eval --checkpoint runs/mosi --data mosi.pkl --drop audio,vision\n"
      "  dmd eval --checkpoint mosi.pth --config mosi --data mosi.pkl --split valid --json",
      options, evaluate);
  add_model_options(command, options->model);
  command
      ->add_flag("--robustness", options->robustness,
                 "Score it with every subset of the modalities that it reads")
      ->excludes("--drop");
  command->add_flag("--skip-unlabelled", options->model.skip_unlabelled,
                    "Leave out utterances that have no label");
  add_json(command, options->json);
}

}  // namespace dmd::cli
