// Graphs and plans as tests of passes look at them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/cpu/cpu.h"
#include "engine/error.h"
#include "engine/graph.h"
#include "engine/ops/state.h"
#include "engine/passes/pipeline.h"
#include "engine/plan.h"

namespace trine {

// A plan as the processor gets it.
inline Plan planned(const Graph& graph, std::string name, PassOptions options = {},
                    const PassObserver& observe = {}) {
  options.fusion = cpu_fusion();
  return compile_plan(graph, std::move(name), options, observe);
}

// An f32 input.
inline Tensor f32_input(Graph& graph, std::string name, const Shape& shape) {
  return input(graph, std::move(name), {DType::f32, shape});
}

inline int count_nodes(const Graph& graph, std::string_view op) {
  return static_cast<int>(
      std::ranges::count_if(graph.nodes(), [&](const Node& node) { return node.op->name == op; }));
}

// Launches by kernel_name(), in the order of the plan.
inline std::vector<std::string> kernels(const Plan& plan) {
  std::vector<std::string> names;
  for (const Step& step : plan.steps) names.push_back(kernel_name(step));
  return names;
}

inline const Step& step_named(const Plan& plan, std::string_view kernel) {
  const auto found =
      std::ranges::find_if(plan.steps, [&](const Step& s) { return kernel_name(s) == kernel; });
  if (found == plan.steps.end()) fail("no launch of {} in\n{}", kernel, to_string(plan));
  return *found;
}

inline int count_members(const Plan& plan) {
  int members = 0;
  for (const Step& step : plan.steps) members += static_cast<int>(step.members.size());
  return members;
}

}  // namespace trine
