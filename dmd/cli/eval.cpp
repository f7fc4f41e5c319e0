// dmd eval: scores a checkpoint on a split.

#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/saved_model.h"
#include "dmd/train/predictions.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  bool json = false;
};

Table table_of(const Metrics& metrics) {
  Table table{.columns = {"metric", "value"}, .rows = {}};
  for (const MetricName& metric : metric_names())
    table.rows.push_back({std::string(metric.name), fmt::format("{:.4f}", metrics.*metric.member)});
  table.rows.push_back({"n", std::to_string(metrics.n)});
  return table;
}

Exit evaluate(const Options& options) {
  SavedModel saved(options.model);
  const Predictions predictions = predict(saved.model(), saved.split());
  const Metrics metrics = metrics_of(predictions, saved.split(), saved.model().config());
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
      "  dmd eval --checkpoint mosi.pth --config mosi --data mosi.pkl --split valid --json",
      options, evaluate);
  add_model_options(command, options->model);
  add_json(command, options->json);
}

}  // namespace dmd::cli
