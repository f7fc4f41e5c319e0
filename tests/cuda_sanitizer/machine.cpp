#include "tests/cuda_sanitizer/machine.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backends/cuda/backend.h"
#include "cuda/emulation/block.h"
#include "cuda/emulation/kernels.h"
#include "engine/error.h"
#include "tests/cuda_sanitizer/sanitizer.h"

namespace trine::sanitizer {
namespace {

using namespace cuda;

// Unclaimed memory around each allocation: what a kernel does just outside hits nobody.
constexpr std::size_t kZone = 4096;
constexpr std::align_val_t kAlignment{256};

AddressSpace& memory() { return Sanitizer::instance().memory(); }

class SanitizedRecording final : public Recording {
 public:
  explicit SanitizedRecording(std::vector<Launch> launches) : launches_(std::move(launches)) {}
  void replay() override { run(launches_); }
  std::vector<double> time() override { return std::vector<double>(launches_.size()); }

 private:
  std::vector<Launch> launches_;
};

class SanitizedMachine final : public Machine {
 public:
  DeviceInfo info() const override { return {"cuda-sanitized", "", "emulation", "", 0, {}}; }

  Address allocate(std::int64_t bytes) override {
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 4));
    auto* block = static_cast<std::byte*>(::operator new(size + 2 * kZone, kAlignment));
    std::memset(block, 0, size + 2 * kZone);
    const auto begin = reinterpret_cast<std::uintptr_t>(block + kZone);
    memory().add_allocation(begin, size);
    return begin;
  }
  void release(Address address) noexcept override {
    memory().remove_allocation(address);
    ::operator delete(reinterpret_cast<std::byte*>(address) - kZone, kAlignment);
  }
  void upload(Address to, std::span<const std::byte> data) override {
    if (data.empty()) return;
    std::memcpy(reinterpret_cast<void*>(to), data.data(), data.size());
    for_words(to, data.size(), [](History& word) { word.set(); });
  }
  void download(Address from, std::span<std::byte> data) const override {
    if (!data.empty()) std::memcpy(data.data(), reinterpret_cast<const void*>(from), data.size());
  }
  // Programs fill a workspace to forget what it held.
  void fill(Address to, std::uint32_t word, std::int64_t words) override {
    std::fill_n(reinterpret_cast<std::uint32_t*>(to), words, word);
    for_words(to, static_cast<std::size_t>(words) * 4, [](History& w) { w.poison(); });
  }
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    return std::make_unique<SanitizedRecording>(std::move(launches));
  }

 private:
  template <class Visit>
  static void for_words(Address begin, std::size_t bytes, Visit visit) {
    Region* region = memory().allocation_at(begin);
    if (!region) fail("{:#x} lies in no allocation", begin);
    for (Address word = begin; word < begin + bytes; word += 4) visit(region->at(word));
  }
};

// Accesses count as the launch's while this lives.
class Watch {
 public:
  explicit Watch(const Launch& launch) { Sanitizer::instance().begin_launch(launch); }
  ~Watch() { Sanitizer::instance().end_launch(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
};

const emulation::Kernel& kernel_of(const Launch& launch) {
  return emulation::find_kernel(launch.body ? fmt::format("{}_interpreted", launch.kernel)
                                            : std::string(launch.kernel));
}

}  // namespace

std::shared_ptr<Machine> make_machine() { return std::make_shared<SanitizedMachine>(); }

std::unique_ptr<Backend> make_backend(Precision precision) {
  return cuda::make_backend(make_machine(), precision);
}

void run(const std::vector<Launch>& launches) {
  Sanitizer& sanitizer = Sanitizer::instance();
  int stage = -1;
  for (const Launch& launch : launches) {
    if (launch.stage != stage) sanitizer.begin_stage();
    stage = launch.stage;
    const emulation::Kernel& kernel = kernel_of(launch);
    const Watch watch(launch);
    emulation::run_blocks(launch.blocks, kernel.threads, [&] { kernel.run(launch.args); });
  }
  const auto findings = sanitizer.take_findings();
  if (!findings.empty()) fail("{}", fmt::join(findings, "\n"));
}

}  // namespace trine::sanitizer
