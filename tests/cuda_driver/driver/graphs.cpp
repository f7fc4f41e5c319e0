// Graphs. A launch runs the nodes in a new order each time, drawn from all that the edges allow, so
// that an edge which is missing shows.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "tests/cuda_driver/driver/entry.h"
#include "tests/cuda_driver/driver/launches.h"
#include "tests/cuda_driver/driver/streams.h"

namespace trine::stand_in {
namespace {

CUresult add_node(CUgraphNode* out, CUgraph handle, const CUgraphNode* after, std::size_t count,
                  const std::optional<Launch>& launch) {
  if (!out || (count > 0 && !after)) return CUDA_ERROR_INVALID_VALUE;
  Graph* graph = world().graphs.find(handle, current_context());
  if (!graph) return CUDA_ERROR_INVALID_HANDLE;
  // Nodes that exist already: edges can make no circle. None may be named twice.
  const std::vector<CUgraphNode> edges(after, after + count);
  for (const CUgraphNode edge : edges) {
    const Node* node = world().nodes.find(edge);
    if (!node || node->graph != handle) return CUDA_ERROR_INVALID_VALUE;
  }
  if (std::set(edges.begin(), edges.end()).size() != count) return CUDA_ERROR_INVALID_VALUE;
  *out = world().nodes.add({current_context(), handle, launch, edges});
  graph->nodes.push_back(*out);
  return CUDA_SUCCESS;
}

FrozenGraph freeze(const Graph& graph) {
  std::unordered_map<CUgraphNode, std::size_t> places;
  FrozenGraph frozen;
  for (const CUgraphNode handle : graph.nodes) {
    places[handle] = frozen.nodes.size();
    const Node& node = *world().nodes.find(handle);
    FrozenGraph::Node& copy = frozen.nodes.emplace_back();
    copy.launch = node.launch;
    for (const CUgraphNode edge : node.after) copy.after.push_back(places.at(edge));
  }
  return frozen;
}

// Some order of the nodes that the edges allow.
std::vector<std::size_t> draw_order(const FrozenGraph& graph) {
  const std::size_t count = graph.nodes.size();
  std::vector<std::size_t> waits(count), ready, order;
  std::vector<std::vector<std::size_t>> followers(count);
  for (std::size_t i = 0; i < count; ++i) {
    waits[i] = graph.nodes[i].after.size();
    if (waits[i] == 0) ready.push_back(i);
    for (const std::size_t before : graph.nodes[i].after) followers[before].push_back(i);
  }
  while (!ready.empty()) {
    std::swap(ready[world().random() % ready.size()], ready.back());
    order.push_back(ready.back());
    ready.pop_back();
    for (const std::size_t follower : followers[order.back()])
      if (--waits[follower] == 0) ready.push_back(follower);
  }
  return order;
}

CUresult run(const FrozenGraph& graph) {
  for (const std::size_t i : draw_order(graph)) {
    const auto& launch = graph.nodes[i].launch;
    if (!launch) continue;
    if (const CUresult result = run(*launch); result != CUDA_SUCCESS) return result;
  }
  return CUDA_SUCCESS;
}

// Of a graph that is about to run: every kernel's module is still loaded.
bool is_whole(const FrozenGraph& graph) {
  return std::all_of(graph.nodes.begin(), graph.nodes.end(), [](const FrozenGraph::Node& node) {
    return !node.launch || world().functions.find(node.launch->function, current_context());
  });
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuGraphCreate(CUgraph* graph, unsigned flags) {
  return in_context("cuGraphCreate", [&](Context&) {
    if (!graph || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    *graph = world().graphs.add({current_context(), {}});
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuGraphDestroy(CUgraph handle) {
  return destroying("cuGraphDestroy", [&](Context&) {
    if (!world().graphs.find(handle, current_context())) return CUDA_ERROR_INVALID_HANDLE;
    world().nodes.erase_if([&](const Node& node) { return node.graph == handle; });
    world().graphs.erase(handle);
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuGraphAddKernelNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* after,
                                      std::size_t count, const CUDA_KERNEL_NODE_PARAMS* params) {
  return in_context("cuGraphAddKernelNode", [&](Context&) {
    if (!params || params->kern || params->ctx) return CUDA_ERROR_INVALID_VALUE;
    Launch launch{};
    const CUresult result = accept({params->func,
                                    {params->gridDimX, params->gridDimY, params->gridDimZ},
                                    {params->blockDimX, params->blockDimY, params->blockDimZ},
                                    params->sharedMemBytes,
                                    params->kernelParams,
                                    params->extra},
                                   launch);
    return result == CUDA_SUCCESS ? add_node(node, graph, after, count, launch) : result;
  });
}

CUresult CUDAAPI cuGraphAddEmptyNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* after,
                                     std::size_t count) {
  return in_context("cuGraphAddEmptyNode",
                    [&](Context&) { return add_node(node, graph, after, count, std::nullopt); });
}

CUresult CUDAAPI cuGraphInstantiate(CUgraphExec* exec, CUgraph handle, unsigned long long flags) {
  return in_context("cuGraphInstantiate", [&](Context&) {
    if (!exec || flags != 0) return CUDA_ERROR_INVALID_VALUE;  // flags are for what is not here
    const Graph* graph = world().graphs.find(handle, current_context());
    if (!graph) return CUDA_ERROR_INVALID_HANDLE;
    *exec =
        world().execs.add({current_context(), std::make_shared<const FrozenGraph>(freeze(*graph))});
    return CUDA_SUCCESS;
  });
}

// Launches under way go on: they are freed when they are done.
CUresult CUDAAPI cuGraphExecDestroy(CUgraphExec handle) {
  return destroying("cuGraphExecDestroy", [&](Context&) {
    if (!world().execs.find(handle, current_context())) return CUDA_ERROR_INVALID_HANDLE;
    world().execs.erase(handle);
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  return in_context("cuGraphLaunch", [&](Context&) {
    const GraphExec* exec = world().execs.find(handle, current_context());
    if (!exec || !is_whole(*exec->graph)) return CUDA_ERROR_INVALID_HANDLE;
    return enqueue(stream, [graph = exec->graph] { return run(*graph); });
  });
}
