// Everything that the stand-in keeps: devices, live handles, memory, settings. One lock guards it
// all, and entry points hold it from their first line to their last.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/cuda_driver/driver/faults.h"
#include "tests/cuda_driver/driver/handles.h"
#include "tests/cuda_driver/driver/memory.h"
#include "tests/cuda_driver/driver/objects.h"

namespace trine::stand_in {

struct Device {
  int capability = 0;  // 90 for 9.0
  std::string name;
  CUcontext context = nullptr;  // null while nobody retains it
};

struct World {
  std::mutex mutex;
  bool initialised = false;
  std::vector<Device> devices;
  std::mt19937_64 random;  // draws the order of graphs' nodes
  Faults faults;
  Memory memory;

  Handles<CUcontext, Context> contexts;
  Handles<CUstream, Stream> streams;
  Handles<CUmodule, Module> modules;
  Handles<CUfunction, Function> functions;
  Handles<CUgraph, Graph> graphs;
  Handles<CUgraphNode, Node> nodes;
  Handles<CUgraphExec, GraphExec> execs;
  Handles<CUevent, Event> events;

  // What contexts still held when they were given back, by kind.
  std::map<std::string, std::size_t> abandoned;

  // Settings as the environment has them, or their defaults.
  World();
  void read_environment();
  // "9.0,7.5": a device for each compute capability.
  void show_devices(const std::string& capabilities);
};

World& world();

// The calling thread's context, live or not.
CUcontext& current_context();

// What is live, and what was abandoned: "1 stream, 2 blocks of memory". Empty if nothing.
std::string left_over();

}  // namespace trine::stand_in
