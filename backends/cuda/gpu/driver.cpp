#include "backends/cuda/gpu/driver.h"

#include <optional>

#include <fmt/format.h>

#include "backends/cuda/gpu/library.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

#define TRINE_TEXT(name) #name
#define TRINE_EXPANDED(name) TRINE_TEXT(name)

// Loads every entry point; the name of the first that is missing, or nothing.
std::optional<std::string> load(const Library& library, Driver& driver) {
#define TRINE_LOAD(name) \
  if (!library.find(TRINE_EXPANDED(name), driver.name)) return TRINE_EXPANDED(name);
  TRINE_CUDA_DRIVER_FUNCTIONS(TRINE_LOAD)
#undef TRINE_LOAD
  return std::nullopt;
}

std::string message_of(const Driver& driver, CUresult result) {
  const char *name = nullptr, *text = nullptr;
  driver.cuGetErrorName(result, &name);
  driver.cuGetErrorString(result, &text);
  return fmt::format("{} ({})", text ? text : "unknown error", name ? name : "?");
}

const char* remedy_for(CUresult result) {
  switch (result) {
    case CUDA_ERROR_NO_DEVICE:
      return "; check CUDA_VISIBLE_DEVICES";
    case CUDA_ERROR_OUT_OF_MEMORY:
      return "; use a smaller batch or a GPU with more memory";
    case CUDA_ERROR_NO_BINARY_FOR_GPU:
      return "; build with CMAKE_CUDA_ARCHITECTURES set for this GPU";
    case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
      return "; update NVIDIA's driver";
    default:
      return "";
  }
}

struct Found {
  Driver driver;
  std::string why;  // empty if the driver can be used

  Found() {
    const Library library({"libcuda.so.1"});
    if (!library) {
      why = "libcuda.so.1 was not found; install NVIDIA's driver";
      return;
    }
    if (const auto missing = load(library, driver)) {
      why =
          fmt::format("the driver has no {}; update NVIDIA's driver to one for CUDA {}.{} or later",
                      *missing, CUDA_VERSION / 1000, CUDA_VERSION % 1000 / 10);
      return;
    }
    if (const CUresult result = driver.cuInit(0); result != CUDA_SUCCESS)
      why = fmt::format("the driver does not start: {}{}", message_of(driver, result),
                        remedy_for(result));
  }
};

}  // namespace

void Driver::check(CUresult result, const char* doing) const {
  if (result != CUDA_SUCCESS)
    fail("cuda: {} failed: {}{}", doing, message_of(*this, result), remedy_for(result));
}

const Driver* find_driver(std::string& why) {
  static const Found found;
  why = found.why;
  return why.empty() ? &found.driver : nullptr;
}

}  // namespace trine::cuda
