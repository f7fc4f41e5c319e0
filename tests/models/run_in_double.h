// Programs of a model run by the ops' references: no device, in double.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "dmd/models/programs.h"
#include "engine/evaluate.h"
#include "engine/optim/adam.h"

namespace dmd {

inline trine::Bindings bindings_for(const trine::Graph& graph,
                                    const trine::nn::ParameterStore& store) {
  trine::Bindings bindings;
  const std::vector<float> start = store.initial_values(3);
  bindings.states[trine::nn::kParameters] = {start.begin(), start.end()};
  for (const char* arena :
       {trine::nn::kGradients, trine::optim::kAdamMean, trine::optim::kAdamSquare})
    bindings.states[arena].assign(start.size(), 0.0);
  for (const trine::Node& node : graph.nodes()) {
    if (node.op->name != "input") continue;
    trine::HostTensor value(node.outputs[0]);
    for (std::int64_t i = 0; i < value.size(); ++i)
      value[i] = std::sin(1.3 * static_cast<double>(i));
    bindings.inputs[node.attrs.text("name")] = value;
  }
  return bindings;
}

// One evaluated program: fetches by name, and the state after it.
struct Ran {
  std::map<std::string, trine::HostTensor> fetched;
  trine::Bindings bindings;

  double operator[](const std::string& name) const { return fetched.at(name).values.at(0); }
};

inline Ran run(trine::Graph& graph, const trine::nn::ParameterStore& store) {
  Ran ran{{}, bindings_for(graph, store)};
  trine::Tensors wanted;
  for (const auto& fetch : graph.fetches()) wanted.push_back(graph.tensor(fetch.value));
  const auto values = evaluate(graph, wanted, ran.bindings);
  for (std::size_t i = 0; i < values.size(); ++i) ran.fetched[graph.fetches()[i].name] = values[i];
  return ran;
}

inline Ran run_accumulate(const Config& config, std::int64_t batch) {
  trine::nn::ParameterStore store = declare(config).store;
  trine::Graph graph;
  build_accumulate(graph, store, config, batch);
  return run(graph, store);
}

}  // namespace dmd
