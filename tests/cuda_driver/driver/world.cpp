#include "tests/cuda_driver/driver/world.h"

#include <cstdlib>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace trine::stand_in {
namespace {

constexpr std::size_t kDefaultBytes = std::size_t{16} << 30;

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

}  // namespace

World::World() { read_environment(); }

void World::read_environment() {
  show_devices(setting("TRINE_STAND_IN_DEVICES", "9.0"));
  const std::string bytes = setting("TRINE_STAND_IN_MEMORY", "");
  memory.limit(bytes.empty() ? kDefaultBytes : std::strtoull(bytes.c_str(), nullptr, 10));
  random.seed(std::strtoull(setting("TRINE_STAND_IN_SEED", "1").c_str(), nullptr, 10));
  faults.clear();
  faults.add(setting("TRINE_STAND_IN_FAULT", ""));
}

void World::show_devices(const std::string& capabilities) {
  devices.clear();
  std::istringstream list(capabilities);
  for (std::string text; std::getline(list, text, ',');) {
    int major = 0, minor = 0;
    char point = 0;
    std::istringstream(text) >> major >> point >> minor;
    devices.push_back({major * 10 + minor,
                       fmt::format("Stand-in for a GPU of compute capability {}.{}, emulated on "
                                   "the host",
                                   major, minor)});
  }
}

// Never destroyed: threads and other libraries may still call while the process ends.
World& world() {
  static World& all = *new World;
  return all;
}

CUcontext& current_context() {
  static thread_local CUcontext current = nullptr;
  return current;
}

std::string left_over() {
  World& w = world();
  std::map<std::string, std::size_t> counts = w.abandoned;
  counts["contexts"] += w.contexts.size();
  counts["streams"] += w.streams.size();
  counts["modules"] += w.modules.size();
  counts["graphs"] += w.graphs.size();
  counts["executable graphs"] += w.execs.size();
  counts["events"] += w.events.size();
  counts["blocks of memory"] += w.memory.blocks();
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts)
    if (count > 0) parts.push_back(fmt::format("{} {}", count, kind));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace trine::stand_in
