// dmd eval: scores a checkpoint on a split.

#include <algorithm>

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/saved_model.h"
#include "dmd/data/labelled.h"
#include "dmd/data/missing.h"
#include "dmd/runtime/predictions.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  bool robustness = false, json = false;
};

Metrics scored(SavedModel& saved, const Split& split) {
  return metrics_of(predict(saved.model(), split), split, saved.model().config());
}

Table table_of(const Metrics& metrics) {
  Table table{.columns = {"metric", "value"}, .rows = {}};
  for (const MetricName& metric : metric_names())
    table.rows.push_back({std::string(metric.name), fmt::format("{:.4f}", metrics.*metric.member)});
  table.rows.push_back({"n", std::to_string(metrics.n)});
  return table;
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
  Table table{.columns = {"modalities"}, .rows = {}};
  for (const MetricName& metric : metric_names()) table.columns.emplace_back(metric.name);
  Json object;
  for (const Subset& subset : subsets(saved.model().config().modalities)) {
    Split split = saved.split();
    for (const Modality m : subset.missing) drop(split, m, saved.model().config());
    const Metrics metrics = scored(saved, split);
    object[subset.name] = json_of(metrics);
    table.rows.push_back({subset.name});
    for (const MetricName& metric : metric_names())
      table.rows.back().push_back(fmt::format("{:.4f}", metrics.*metric.member));
  }
  if (json) {
    print_json(object);
  } else {
    print(aligned(table));
  }
  return Exit::success;
}

// A score needs labels, of the split that is scored alone.
void check_labels(const ModelOptions& options, const Split& split) {
  const std::int64_t unlabelled = count_unlabelled(split);
  if (split.size() == 0)
    trine::fail("the {} split of {} has no labelled utterance", options.split, options.data);
  if (unlabelled > 0)
    trine::fail(
        "{} of {} utterances of the {} split of {} have no label: leave them out with "
        "--skip-unlabelled, or use `dmd predict`, which needs none",
        unlabelled, split.size(), options.split, options.data);
}

Exit evaluate(const Options& options) {
  SavedModel saved(options.model);
  check_labels(options.model, saved.split());
  if (options.robustness) return show_robustness(saved, options.json);
  const Metrics metrics = scored(saved, saved.split());
  if (options.json) {
    print_json(json_of(metrics));
  } else {
    print(aligned(table_of(metrics)));
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
