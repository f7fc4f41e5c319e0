// dmd graph: what a program becomes on its way to a device.

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backends/cpu/cpu.h"
#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/cli/dot.h"
#include "dmd/cli/preset_options.h"
#include "dmd/models/configuration.h"
#include "dmd/models/programs.h"
#include "engine/io/atomic_file.h"
#include "engine/passes/pipeline.h"

namespace dmd::cli {
namespace {

struct Options {
  std::string model, config = "mosi", program = "accumulate", pass, dot;
};

trine::Graph capture(const Options& options) {
  const Config config = usage([&] {
    const auto [preset, standard] = chosen_preset(options.config, options.model);
    return fitted_to(preset, standard);
  });
  trine::nn::ParameterStore store = declare(config).store;
  trine::Graph graph;
  if (options.program == "apply") {
    build_apply(graph, store, config);
    return graph;
  }
  const auto build = options.program == "accumulate" ? build_accumulate
                     : options.program == "eval"     ? build_eval
                                                     : build_predict;
  build(graph, store, config, config.batch_size);
  return graph;
}

// What each pass made, in the order of the passes.
struct Stages {
  std::vector<std::string> names, texts;
  trine::Plan plan;
};

Stages run_passes(const trine::Graph& graph, const Options& options) {
  Stages stages;
  trine::PassOptions passes;
  passes.fusion = trine::cpu_fusion();
  stages.plan = trine::compile_plan(graph, fmt::format("{} {}", options.program, options.config),
                                    {}, [&](std::string_view pass, const std::string& text) {
                                      stages.names.emplace_back(pass);
                                      stages.texts.push_back(text);
                                    });
  return stages;
}

const std::string& text_after(const Stages& stages, const std::string& pass) {
  const auto found = std::ranges::find(stages.names, pass);
  if (found == stages.names.end()) {
    throw UsageError(fmt::format("there is no pass '{}': choose one of {}", pass,
                                 fmt::join(stages.names, ", ")));
  }
  return stages.texts[static_cast<std::size_t>(found - stages.names.begin())];
}

Exit show_graph(const Options& options) {
  const trine::Graph graph = capture(options);
  const Stages stages = run_passes(graph, options);
  if (!options.dot.empty()) {
    trine::io::write_file(options.dot, to_dot(graph, stages.plan.name));
    note(fmt::format("wrote {}: dot -Tsvg {} -o graph.svg", options.dot, options.dot));
    if (options.pass.empty()) return Exit::success;
  }
  if (!options.pass.empty()) {
    print(text_after(stages, options.pass));
  } else {
    print(fmt::format("passes: {}\n{}", fmt::join(stages.names, ", "), stages.texts.back()));
  }
  return Exit::success;
}

}  // namespace

void add_graph(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "graph",
      "Print the plan of a program (docs/plan.md explains it), what one pass made, or a drawing",
      "  dmd graph --config mosi --program apply\n"
      "  dmd graph --config tiny --program eval --pass capture\n"
      "  dmd graph --program eval --dot mosi.dot && dot -Tsvg mosi.dot -o mosi.svg",
      options, show_graph);
  add_preset(command, options->config, options->model);
  command.add_option("--program", options->program, "accumulate, apply, eval or predict")
      .check(one_of({"accumulate", "apply", "eval", "predict"}))
      .show_default();
  command.add_option("--pass", options->pass, "Print what this pass made");
  command.add_option("--dot", options->dot,
                     "Write a Graphviz drawing: the modules of the model and what flows between");
}

}  // namespace dmd::cli
