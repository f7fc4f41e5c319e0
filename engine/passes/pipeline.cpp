#include "engine/passes/pipeline.h"

#include "engine/error.h"
#include "engine/passes/graph_passes.h"
#include "engine/passes/plan_passes.h"

namespace trine {
namespace {

struct Switch {
  std::string_view name;
  bool PassOptions::*member;
};

constexpr Switch kSwitches[] = {{"simplify", &PassOptions::simplify},
                                {"fuse", &PassOptions::fuse},
                                {"batch", &PassOptions::batch},
                                {"reuse", &PassOptions::reuse}};

void apply_switch(PassOptions& options, std::string_view word) {
  const bool everything = word == "all" || word == "none";
  const bool on = word == "all" || word.starts_with('+');
  const std::string_view name = word.substr(everything ? word.size() : 1);
  bool known = everything;
  for (const Switch& s : kSwitches)
    if (everything || (s.name == name && (on || word.starts_with('-')))) {
      options.*s.member = on;
      known = true;
    }
  if (!known)
    fail(
        "passes: '{}' is not a switch; write -NAME or +NAME with NAME one of simplify, fuse, "
        "batch, reuse, or all or none",
        word);
}

}  // namespace

PassOptions PassOptions::parse(std::string_view text) {
  PassOptions options;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) apply_switch(options, text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return options;
}

Plan compile_plan(const Graph& graph, std::string name, const PassOptions& options,
                  const PassObserver& observe) {
  auto show = [&](std::string_view pass, const auto& stage) {
    if (observe) observe(pass, to_string(stage));
  };
  show("capture", graph);
  Graph simplified;
  if (options.simplify) {
    simplified = simplify(graph);
    show("simplify", simplified);
  }
  Plan plan = lower(options.simplify ? simplified : graph, std::move(name));
  plan.nodes = static_cast<int>(graph.nodes().size());
  show("lower", plan);
  if (options.fuse) {
    fuse(plan, options.fusion);
    show("fuse", plan);
  }
  schedule(plan);
  show("schedule", plan);
  if (options.batch) {
    batch(plan);
    show("batch", plan);
  }
  place_values(plan, options.reuse);
  show("memory", plan);
  return plan;
}

}  // namespace trine
