#include "backends/cuda/gpu/context.h"

#include <fmt/format.h>

#include "backends/cuda/gpu/compiler.h"

namespace trine::cuda {
namespace {

int attribute(const Driver& driver, CUdevice device, CUdevice_attribute which) {
  int value = 0;
  driver.check(driver.cuDeviceGetAttribute(&value, which, device), "reading a device attribute");
  return value;
}

CUdevice device_of(const Driver& driver, int index) {
  CUdevice device = 0;
  driver.check(driver.cuDeviceGet(&device, index), "opening the device");
  return device;
}

int architecture_of(const Driver& driver, CUdevice device) {
  return attribute(driver, device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10 +
         attribute(driver, device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
}

}  // namespace

Context::Context(const Driver& driver, int index)
    : driver_(driver), device_(device_of(driver, index)) {
  driver_.check(driver_.cuDevicePrimaryCtxRetain(&context_, device_), "making the context");
  try {
    use().check(driver_.cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING), "making the stream");
  } catch (...) {
    driver_.cuDevicePrimaryCtxRelease(device_);
    throw;
  }
}

Context::~Context() {
  use_quietly().cuStreamDestroy(stream_);
  driver_.cuDevicePrimaryCtxRelease(device_);
}

const Driver& Context::use() const {
  driver_.check(driver_.cuCtxSetCurrent(context_), "entering the context");
  return driver_;
}

const Driver& Context::use_quietly() const noexcept {
  driver_.cuCtxSetCurrent(context_);
  return driver_;
}

int Context::architecture() const { return architecture_of(driver_, device_); }

DeviceInfo describe_device(const Driver& driver, int index) {
  const CUdevice device = device_of(driver, index);
  char name[256] = {};
  driver.check(driver.cuDeviceGetName(name, sizeof(name), device), "reading the device's name");
  std::size_t bytes = 0;
  driver.check(driver.cuDeviceTotalMem(&bytes, device), "reading the device's memory");
  int version = 0;
  driver.check(driver.cuDriverGetVersion(&version), "reading the driver's version");
  const bool integrated = attribute(driver, device, CU_DEVICE_ATTRIBUTE_INTEGRATED) != 0;
  const int architecture = architecture_of(driver, device);
  return {fmt::format("cuda:{}", index),
          name,
          integrated ? "integrated gpu" : "discrete gpu",
          fmt::format("NVIDIA, CUDA {}.{}", version / 1000, version % 1000 / 10),
          static_cast<std::int64_t>(bytes),
          {{"compute capability", fmt::format("{}.{}", architecture / 10, architecture % 10)},
           {"multiprocessors",
            std::to_string(attribute(driver, device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT))},
           {"fused expressions", Compiler::how_expressions_run(architecture)}}};
}

}  // namespace trine::cuda
