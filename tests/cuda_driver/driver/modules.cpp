// Modules and their functions. A function is a kernel of the emulation's table.
#include <cctype>

#include "engine/error.h"
#include "tests/cuda_driver/driver/entry.h"

namespace trine::stand_in {
namespace {

// Of a mangled instance of a template in no namespace, _Z6matmulI..., the template's name; empty if
// that is none.
std::string template_of(const std::string& symbol) {
  std::size_t at = 2, length = 0;
  if (!symbol.starts_with("_Z")) return "";
  while (at < symbol.size() && std::isdigit(static_cast<unsigned char>(symbol[at])))
    length = length * 10 + static_cast<std::size_t>(symbol[at++] - '0');
  const std::size_t end = at + length;
  return end < symbol.size() && symbol[end] == 'I' ? symbol.substr(at, length) : "";
}

// Generated code cannot be run on the host. Its launches carry the same expressions as code for
// the interpreting kernel, which takes its place.
std::string emulated_name(const Module& module, const std::string& symbol) {
  return module.image.generated ? template_of(symbol) + "_interpreted" : symbol;
}

const emulation::Kernel* find_emulated(const std::string& name) {
  try {
    return &emulation::find_kernel(name);
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace trine::stand_in

using namespace trine::stand_in;

CUresult CUDAAPI cuModuleLoadData(CUmodule* module, const void* data) {
  return in_context("cuModuleLoadData", [&](Context& context) {
    if (!module || !data) return CUDA_ERROR_INVALID_VALUE;
    const Device& device = world().devices[static_cast<std::size_t>(context.device)];
    Image image;
    const CUresult result = read_image(data, device.capability, image);
    if (result != CUDA_SUCCESS) return result;
    *module = world().modules.add({current_context(), std::move(image), {}});
    return CUDA_SUCCESS;
  });
}

// Functions go with their module. Work under way that uses one fails when its turn comes.
CUresult CUDAAPI cuModuleUnload(CUmodule handle) {
  return destroying("cuModuleUnload", [&](Context&) {
    if (!world().modules.find(handle, current_context())) return CUDA_ERROR_INVALID_HANDLE;
    world().functions.erase_if([&](const Function& f) { return f.module == handle; });
    world().modules.erase(handle);
    return CUDA_SUCCESS;
  });
}

CUresult CUDAAPI cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  return in_context("cuModuleGetFunction", [&](Context&) {
    if (!function || !name) return CUDA_ERROR_INVALID_VALUE;
    Module* module = world().modules.find(handle, current_context());
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    CUfunction& known = module->functions[name];
    if (!known) {
      const auto* kernel = find_emulated(emulated_name(*module, name));
      if (!kernel || !module->image.may_hold(name)) return CUDA_ERROR_NOT_FOUND;
      known = world().functions.add({current_context(), handle, kernel});
    }
    *function = known;
    return CUDA_SUCCESS;
  });
}
