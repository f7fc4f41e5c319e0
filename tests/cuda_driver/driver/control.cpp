#include "tests/cuda_driver/driver/control.h"

#include "tests/cuda_driver/driver/world.h"

namespace trine::stand_in {
namespace {

World& locked(std::unique_lock<std::mutex>& lock) {
  lock = std::unique_lock(world().mutex);
  return world();
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

void trine_stand_in_show_devices(const char* capabilities) {
  std::unique_lock<std::mutex> lock;
  locked(lock).show_devices(capabilities);
}

void trine_stand_in_limit_memory(std::size_t bytes) {
  std::unique_lock<std::mutex> lock;
  locked(lock).memory.limit(bytes);
}

void trine_stand_in_seed(std::uint64_t seed) {
  std::unique_lock<std::mutex> lock;
  locked(lock).random.seed(seed);
}

void trine_stand_in_fail(const char* entry, int call, int result) {
  std::unique_lock<std::mutex> lock;
  locked(lock).faults.add(entry, call, static_cast<CUresult>(result));
}

const char* trine_stand_in_left_over() {
  static thread_local std::string text;
  const std::lock_guard lock(world().mutex);
  text = left_over();
  return text.c_str();
}

void trine_stand_in_reset() {
  std::unique_lock<std::mutex> lock;
  World& w = locked(lock);
  w.read_environment();
  w.abandoned.clear();
}
