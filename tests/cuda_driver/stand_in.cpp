#include "tests/cuda_driver/stand_in.h"

#include <stdexcept>

#include <dlfcn.h>

#include "tests/cuda_driver/driver/control.h"

namespace trine::stand_in {
namespace {

// The exported function of this name. The program itself links none of them.
template <class Function>
Function* exported(const char* name) {
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  void* symbol = library ? dlsym(library, name) : nullptr;
  if (!symbol) throw std::runtime_error(dlerror());
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

#define TRINE_EXPORTED(name) exported<decltype(name)>(#name)

void show_devices(const char* capabilities) {
  TRINE_EXPORTED(trine_stand_in_show_devices)(capabilities);
}
void limit_memory(std::size_t bytes) { TRINE_EXPORTED(trine_stand_in_limit_memory)(bytes); }
void seed(std::uint64_t value) { TRINE_EXPORTED(trine_stand_in_seed)(value); }
void fail(const char* entry, int call, int result) {
  TRINE_EXPORTED(trine_stand_in_fail)(entry, call, result);
}
std::string left_over() { return TRINE_EXPORTED(trine_stand_in_left_over)(); }
void reset() { TRINE_EXPORTED(trine_stand_in_reset)(); }

}  // namespace trine::stand_in
