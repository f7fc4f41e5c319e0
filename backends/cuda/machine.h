// What executes launches: an NVIDIA GPU through its driver, or the emulation. Everything else of
// this backend is the same for both, so that tests without a GPU cover it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.h"
#include "cuda/members.cuh"
#include "engine/expression.h"

namespace trine::cuda {

// A place in a machine's memory.
using Address = std::uint64_t;

// In place of a step's number: the launch that puts a run's fetches side by side.
inline constexpr int kPacking = -1;

// One kernel launch. Launches of one stage are independent; stages run one after the other.
struct Launch {
  std::string_view file;    // cuda/FILE.cu, where the kernel stands
  std::string_view kernel;  // its name there
  int threads = kThreads;   // of a block
  unsigned blocks = 0;
  int stage = 0;
  int step = 0;  // of the plan, for profiles; kPacking: of none
  // What the kernel's template is instantiated with; null: nothing, the plain kernel.
  const Expression* prologue = nullptr;
  const Expression* body = nullptr;
  LaunchArgs args{};
};

// Launches made ready to run again and again.
class Recording {
 public:
  virtual ~Recording() = default;
  // Runs every launch in the order of stages. It need not wait for the end: a machine does what it
  // is told one after the other, and download() waits for all of it.
  virtual void replay() = 0;
  // The same with a clock around each launch: microseconds, in the order of the launches.
  virtual std::vector<double> time() = 0;
};

class Machine {
 public:
  virtual ~Machine() = default;
  virtual DeviceInfo info() const = 0;
  // Zeroed memory, aligned to at least 256 bytes. Error when there is not enough.
  virtual Address allocate(std::int64_t bytes) = 0;
  virtual void release(Address address) noexcept = 0;
  virtual void upload(Address to, std::span<const std::byte> data) = 0;
  virtual void download(Address from, std::span<std::byte> data) const = 0;
  virtual void fill(Address to, std::uint32_t word, std::int64_t words) = 0;
  virtual std::unique_ptr<Recording> record(std::vector<Launch> launches) = 0;
};

// Memory of a machine, given back with the object.
class Memory {
 public:
  Memory() = default;
  Memory(std::shared_ptr<Machine> machine, std::int64_t bytes)
      : machine_(std::move(machine)), address_(machine_->allocate(bytes)), bytes_(bytes) {}
  Memory(Memory&& other) noexcept { *this = std::move(other); }
  Memory& operator=(Memory&& other) noexcept {
    std::swap(machine_, other.machine_);
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Memory() {
    if (machine_) machine_->release(address_);
  }

  Address address() const { return address_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<Machine> machine_;
  Address address_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace trine::cuda
