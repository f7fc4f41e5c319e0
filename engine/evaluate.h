// Runs a graph on the host in double precision, by the ops' references alone: the oracle that
// every backend is compared with, independent of plans and passes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/host_tensor.h"
#include "engine/run_params.h"

namespace trine {

struct Bindings {
  std::map<std::string, HostTensor> inputs;           // by input name
  std::map<std::string, std::vector<double>> states;  // by buffer name; assigns write here
  RunParams step;
  // By node: its outputs, taken in place of what it would compute.
  std::map<int, std::vector<HostTensor>> given;
};

// Values of `wanted`, in order. Executes the graph's assigns on `bindings.states` at the end.
std::vector<HostTensor> evaluate(const Graph& graph, const Tensors& wanted, Bindings& bindings);

// One pure node on given inputs; what constant folding uses.
std::vector<HostTensor> evaluate_node(const Node& node, std::span<const HostTensor> inputs,
                                      const RunParams& step);

}  // namespace trine
