// The passes in their order, each of which can be switched off, and the way to look between them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/graph.h"
#include "engine/passes/fusion.h"
#include "engine/plan.h"

namespace trine {

struct PassOptions {
  bool simplify = true;
  bool fuse = true;
  bool batch = true;
  bool reuse = true;  // of workspace memory
  Fusion fusion;      // what the device that the plan is for can join

  // "-fuse,-batch" switches passes off, "+fuse" on; "none" all off, "all" all on. An unknown name
  // is an Error that lists those there are.
  static PassOptions parse(std::string_view text);
};

// Called after each pass with its name and the printed graph or plan.
using PassObserver = std::function<void(std::string_view pass, const std::string& text)>;

// From a captured graph to a placed plan.
Plan compile_plan(const Graph& graph, std::string name, const PassOptions& options = {},
                  const PassObserver& observe = {});

}  // namespace trine
