// What the driver's handles stand for.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cuda.h>

#include "cuda/emulation/kernels.h"
#include "cuda/members.cuh"
#include "tests/cuda_driver/driver/image.h"

namespace trine::stand_in {

// A device's primary context, the only kind that there is here.
struct Context {
  int device = 0;
  int users = 0;  // how often it was retained
  // Once work has failed, every later call in this context fails alike, as on a GPU.
  CUresult broken = CUDA_SUCCESS;
};

// Something to be done in the order of a stream.
using Work = std::function<CUresult()>;

struct Stream {
  CUcontext context;
  std::deque<Work> queue;
};

struct Module {
  CUcontext context;
  Image image;
  std::map<std::string, CUfunction> functions;
};

struct Function {
  CUcontext context;
  CUmodule module;
  const emulation::Kernel* kernel;
};

struct Launch {
  CUfunction function;
  unsigned blocks;
  cuda::LaunchArgs args;
};

struct Node {
  CUcontext context;
  CUgraph graph;
  std::optional<Launch> launch;  // none: an empty node
  std::vector<CUgraphNode> after;
};

struct Graph {
  CUcontext context;
  std::vector<CUgraphNode> nodes;  // in the order of their making, so edges point backwards
};

// A copy of a graph that nothing changes any more; `after` are places in `nodes`.
struct FrozenGraph {
  struct Node {
    std::optional<Launch> launch;
    std::vector<std::size_t> after;
  };
  std::vector<Node> nodes;
};

struct GraphExec {
  CUcontext context;
  std::shared_ptr<const FrozenGraph> graph;  // lives on with launches under way
};

// What was recorded last. Work under way shares it, as the event may be gone before.
struct Recorded {
  std::optional<std::chrono::steady_clock::time_point> time;  // none: not yet reached
};

struct Event {
  CUcontext context;
  bool timed;
  std::shared_ptr<Recorded> recorded;  // null: never
};

}  // namespace trine::stand_in
