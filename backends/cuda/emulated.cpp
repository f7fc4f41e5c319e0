#include "backends/cuda/emulated.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include "backends/cuda/backend.h"
#include "cuda/emulation/block.h"
#include "cuda/emulation/kernels.h"

namespace trine {
namespace {

using namespace cuda;

constexpr std::align_val_t kAlignment{256};

void run_launch(const emulation::Kernel& kernel, const Launch& launch) {
  emulation::run_blocks(launch.blocks, kernel.threads, [&] { kernel.run(launch.args); });
}

class EmulatedRecording final : public Recording {
 public:
  explicit EmulatedRecording(std::vector<Launch> launches) : launches_(std::move(launches)) {
    for (const Launch& launch : launches_)
      kernels_.push_back(&emulation::find_kernel(
          launch.body ? fmt::format("{}_interpreted", launch.kernel) : std::string(launch.kernel)));
  }

  void replay() override {
    for (std::size_t i = 0; i < launches_.size(); ++i) run_launch(*kernels_[i], launches_[i]);
  }

  std::vector<double> time() override {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    for (std::size_t i = 0; i < launches_.size(); ++i) {
      const auto start = Clock::now();
      run_launch(*kernels_[i], launches_[i]);
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    return times;
  }

 private:
  std::vector<Launch> launches_;
  std::vector<const emulation::Kernel*> kernels_;
};

class EmulatedMachine final : public Machine {
 public:
  DeviceInfo info() const override {
    return {"cuda-emulated",
            "CUDA kernels compiled as C++ on the host",
            "emulation",
            "proves the kernels' logic, not races or speed",
            0,
            {}};
  }
  Address allocate(std::int64_t bytes) override {
    const std::size_t size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
    void* memory = ::operator new(size, kAlignment);
    std::memset(memory, 0, size);
    return reinterpret_cast<Address>(memory);
  }
  void release(Address address) noexcept override {
    ::operator delete(reinterpret_cast<void*>(address), kAlignment);
  }
  void upload(Address to, std::span<const std::byte> data) override {
    if (!data.empty()) std::memcpy(reinterpret_cast<void*>(to), data.data(), data.size());
  }
  void download(Address from, std::span<std::byte> data) const override {
    if (!data.empty()) std::memcpy(data.data(), reinterpret_cast<const void*>(from), data.size());
  }
  void fill(Address to, std::uint32_t word, std::int64_t words) override {
    std::fill_n(reinterpret_cast<std::uint32_t*>(to), words, word);
  }
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    return std::make_unique<EmulatedRecording>(std::move(launches));
  }
};

}  // namespace

std::unique_ptr<Backend> make_cuda_emulated_backend(Precision precision) {
  return make_backend(std::make_shared<EmulatedMachine>(), precision);
}

}  // namespace trine
