// dmd models: the models that can be trained and scored.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dmd/cli/command.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"

namespace dmd::cli {
namespace {

struct Options {
  bool json = false;
};

// What a model is at the standard sizes of its first configuration.
struct Described {
  const ModelDef* model;
  Config config;
  Declaration declared;
};

std::vector<Described> described_models() {
  std::vector<Described> all;
  for (const ModelDef* model : all_models()) {
    Config config = model->presets.empty()
                        ? default_config(model->name)
                        : standard_config(model->presets.front().name, model->name);
    Declaration declared = declare(config);
    all.push_back({model, std::move(config), std::move(declared)});
  }
  return all;
}

std::string inputs_text() {
  std::string text;
  for (const Modality m : kModalities)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of(m));
  return text;
}

std::string text_of(const std::vector<Described>& models) {
  Table table{.columns = {"model", "tasks", "inputs", "parameters", "title"}, .rows = {}};
  std::string papers;
  for (const auto& [model, config, declared] : models) {
    table.rows.push_back(
        {std::string(model->name), fmt::format("{}", fmt::join(model->tasks, ", ")), inputs_text(),
         std::to_string(declared.store.number_of_values()), std::string(model->title)});
    papers += fmt::format("{}: {}\n", model->name, model->paper);
  }
  return aligned(table) + papers + "parameters: at the sizes of each model's first configuration\n";
}

Json json_of(const OutputInfo& output) {
  return {{"name", output.name},
          {"kind", name_of(output.kind)},
          {"meaning", output.meaning},
          {"columns", output.columns}};
}

Json json_of(const Described& described) {
  const auto& [model, config, declared] = described;
  Json inputs = Json::array(), outputs = Json::array(), presets = Json::array();
  for (const Modality m : kModalities) inputs.push_back(name_of(m));
  for (const OutputInfo& output : declared.outputs) outputs.push_back(json_of(output));
  for (const Preset& preset : model->presets) presets.push_back(preset.name);
  return {{"name", model->name},       {"title", model->title},
          {"paper", model->paper},     {"inputs", inputs},
          {"tasks", model->tasks},     {"parameters", declared.store.number_of_values()},
          {"configurations", presets}, {"losses", declared.losses},
          {"outputs", outputs}};
}

Exit show_models(const Options& options) {
  const std::vector<Described> models = described_models();
  if (!options.json) {
    print(text_of(models));
    return Exit::success;
  }
  Json list = Json::array();
  for (const Described& model : models) list.push_back(json_of(model));
  print_json({{"models", list}});
  return Exit::success;
}

}  // namespace

void add_models(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command =
      add_command(program, chosen, "models",
                  "List the models that --model takes: what they read, compute and name",
                  "  dmd models --json", options, show_models);
  add_json(command, options->json);
}

}  // namespace dmd::cli
