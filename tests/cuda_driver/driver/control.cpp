#include "tests/cuda_driver/driver/control.h"

#include "tests/cuda_driver/driver/world.h"

using namespace trine::stand_in;

void trine_stand_in_show_devices(const char* capabilities) {
  const std::lock_guard lock(world().mutex);
  world().show_devices(capabilities);
}

void trine_stand_in_limit_memory(std::size_t bytes) {
  const std::lock_guard lock(world().mutex);
  world().memory.limit(bytes);
}

void trine_stand_in_seed(std::uint64_t seed) {
  const std::lock_guard lock(world().mutex);
  world().random.seed(seed);
}

void trine_stand_in_fail(const char* entry, int call, int result) {
  const std::lock_guard lock(world().mutex);
  world().faults.add(entry, call, static_cast<CUresult>(result));
}

const char* trine_stand_in_left_over() {
  static thread_local std::string text;
  const std::lock_guard lock(world().mutex);
  text = left_over();
  return text.c_str();
}

void trine_stand_in_reset() {
  const std::lock_guard lock(world().mutex);
  World& w = world();
  w.read_environment();
  w.abandoned.clear();
}
