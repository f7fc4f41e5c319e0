#include "backends/cuda/gpu/gpu.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/ranges.h>

#include "backends/cuda/backend.h"
#include "backends/cuda/gpu/kernels.h"
#include "backends/cuda/gpu/recording.h"
#include "backends/out_of_memory.h"
#include "engine/error.h"

namespace trine {
namespace {

using namespace cuda;

class GpuMachine final : public Machine {
 public:
  GpuMachine(const Driver& driver, int index)
      : info_(describe_device(driver, index)),
        context_(std::make_shared<Context>(driver, index)),
        kernels_(context_) {}

  DeviceInfo info() const override { return info_; }
  int architecture() const { return context_->architecture(); }

  Address allocate(std::int64_t bytes) override {
    const Driver& driver = context_->use();
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 4));
    CUdeviceptr memory = 0;
    const CUresult result = driver.cuMemAlloc(&memory, size);
    if (result == CUDA_ERROR_OUT_OF_MEMORY) {
      std::size_t free = 0, total = 0;
      driver.cuMemGetInfo(&free, &total);
      throw OutOfMemory(fmt::format("cuda: {:.1f} MiB were asked for and {} has {:.1f} of {:.1f} "
                                    "MiB free: ask for less or choose another device",
                                    mib(size), info_.name, mib(free), mib(total)),
                        static_cast<std::int64_t>(size), static_cast<std::int64_t>(free));
    }
    driver.check(result, "allocating memory");
    try {
      driver.check(driver.cuMemsetD8Async(memory, 0, size, context_->stream()), "clearing memory");
      context_->synchronize();
    } catch (...) {
      driver.cuMemFree(memory);
      throw;
    }
    return memory;
  }

  // Work that uses the memory may still be queued, and the driver need not wait for it by itself.
  void release(Address address) noexcept override {
    const Driver& driver = context_->use_quietly();
    driver.cuStreamSynchronize(context_->stream());
    driver.cuMemFree(address);
  }

  void upload(Address to, std::span<const std::byte> data) override {
    if (data.empty()) return;
    // From pageable memory the call returns once the data is staged: no need to wait.
    const Driver& driver = context_->use();
    driver.check(driver.cuMemcpyHtoDAsync(to, data.data(), data.size(), context_->stream()),
                 "copying to the GPU");
  }

  void download(Address from, std::span<std::byte> data) const override {
    if (data.empty()) return;
    const Driver& driver = context_->use();
    driver.check(driver.cuMemcpyDtoHAsync(data.data(), from, data.size(), context_->stream()),
                 "copying from the GPU");
    context_->synchronize();
  }

  void fill(Address to, std::uint32_t word, std::int64_t words) override {
    if (words == 0) return;
    const Driver& driver = context_->use();
    driver.check(
        driver.cuMemsetD32Async(to, word, static_cast<std::size_t>(words), context_->stream()),
        "filling memory");
  }

  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    std::vector<CUfunction> functions = kernels_.find(launches);
    return std::make_unique<GpuRecording>(context_, std::move(launches), std::move(functions));
  }

 private:
  static double mib(std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

  DeviceInfo info_;
  std::shared_ptr<Context> context_;
  Kernels kernels_;
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool fits(const DeviceInfo& device, int index, const std::string& selector) {
  int wanted = 0;
  const char* end = selector.data() + selector.size();
  const auto [stop, error] = std::from_chars(selector.data(), end, wanted);
  if (error == std::errc() && stop == end) return wanted == index;
  return lower_case(device.name).find(lower_case(selector)) != std::string::npos;
}

std::unique_ptr<Backend> open_gpu(const Driver& driver, int index, Precision precision) {
  auto machine = std::make_shared<GpuMachine>(driver, index);
  if (precision == Precision::tf32 && machine->architecture() < 80)
    fail("cuda: {} has no TF32, which came with compute capability 8.0; use precision f32",
         machine->info().name);
  return make_backend(std::move(machine), precision);
}

}  // namespace

BackendListing list_cuda_devices() {
  BackendListing listing{"cuda", {}, ""};
  std::string why;
  const Driver* driver = find_driver(why);
  if (!driver) {
    listing.reason = "cuda: " + why;
    return listing;
  }
  try {
    int count = 0;
    driver->check(driver->cuDeviceGetCount(&count), "counting devices");
    for (int i = 0; i < count; ++i) listing.devices.push_back(describe_device(*driver, i));
    if (count == 0) listing.reason = "cuda: the driver shows no GPU; check CUDA_VISIBLE_DEVICES";
  } catch (const Error& error) {  // other backends are listed all the same
    listing = {"cuda", {}, error.what()};
  }
  return listing;
}

std::unique_ptr<Backend> make_cuda_backend(const std::string& selector, Precision precision) {
  const BackendListing listing = list_cuda_devices();
  if (listing.devices.empty()) fail("{}", listing.reason);
  std::string why;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < listing.devices.size(); ++i) {
    if (selector.empty() || fits(listing.devices[i], static_cast<int>(i), selector))
      return open_gpu(*find_driver(why), static_cast<int>(i), precision);
    names.push_back(fmt::format("cuda:{} ({})", i, listing.devices[i].name));
  }
  fail("there is no device 'cuda:{}'; choose one of {}", selector, fmt::join(names, ", "));
}

}  // namespace trine
