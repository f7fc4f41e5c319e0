// The programs of a model at the standard sizes of a configuration.
#pragma once

#include <string_view>

#include "dmd/data/input_sizes.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "engine/graph.h"

namespace dmd {

inline trine::Graph accumulate_graph(std::string_view preset, std::int64_t batch,
                                     std::string_view model = kDefaultModel) {
  const Config config = standard_config(preset, model);
  trine::nn::ParameterStore store = declare(config).store;
  trine::Graph graph;
  build_accumulate(graph, store, config, batch);
  return graph;
}

inline trine::Graph apply_graph(std::string_view preset, std::string_view model = kDefaultModel) {
  const Config config = standard_config(preset, model);
  trine::nn::ParameterStore store = declare(config).store;
  trine::Graph graph;
  build_apply(graph, store, config);
  return graph;
}

}  // namespace dmd
