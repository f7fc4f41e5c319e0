// A plan on a machine: its memory, its table and its recorded launches.
#pragma once

#include <memory>
#include <vector>

#include "backends/backend.h"
#include "backends/cuda/machine.h"
#include "backends/precision.h"

namespace trine::cuda {

class Build;

class StateBuffer final : public DeviceBuffer {
 public:
  StateBuffer(std::shared_ptr<Machine> machine, std::int64_t bytes)
      : machine_(machine), memory_(std::move(machine), bytes) {}

  std::int64_t bytes() const override { return memory_.bytes(); }
  void upload(std::int64_t first_byte, std::span<const std::byte> data) override {
    machine_->upload(memory_.address() + static_cast<Address>(first_byte), data);
  }
  void download(std::int64_t first_byte, std::span<std::byte> data) const override {
    machine_->download(memory_.address() + static_cast<Address>(first_byte), data);
  }
  Address address() const { return memory_.address(); }

 private:
  std::shared_ptr<Machine> machine_;
  Memory memory_;
};

// The arena for intermediate values. Checked, it is filled with NaN before each run and has guards
// at both ends.
class Workspace {
 public:
  Workspace(std::shared_ptr<Machine> machine, std::int64_t bytes, bool checked);

  Address address() const;
  void poison();
  // Error when a guard was written to.
  void check(const std::string& program) const;

 private:
  std::shared_ptr<Machine> machine_;
  std::int64_t bytes_;
  bool checked_;
  Memory memory_;
};

class CudaProgram final : public Program {
 public:
  CudaProgram(std::shared_ptr<Machine> machine, std::shared_ptr<const Plan> plan,
              const StateBinding& states, Precision precision, bool checked);

  void write(const Feed& feed, std::span<const std::byte> data) override;
  void run(const RunParams& params) override;
  void read(const Fetch& fetch, std::span<std::byte> data) const override;
  std::vector<LaunchTime> profile(const RunParams& params) override;

 private:
  void bind(const StateBinding& states);
  void record(Precision precision);
  void add_packing(Build& build) const;
  void begin(const RunParams& params);
  Address address(const Operand& operand) const;
  // Elements, of four bytes each, that stand before a fetch in fetched_; of the end: all of them.
  std::int64_t elements_before(std::size_t fetch) const;

  std::shared_ptr<Machine> machine_;
  std::shared_ptr<const Plan> plan_;
  Workspace workspace_;
  Memory step_words_;
  std::vector<Memory> owned_;
  std::vector<Address> bases_;
  Memory table_;
  std::vector<Memory> kept_;
  std::vector<int> step_of_launch_;
  // The fetches side by side, in the order of the plan: the last launch of a run puts them there,
  // and the first read after it brings all of them to the host with one copy and one wait.
  Memory fetched_;
  mutable std::vector<std::byte> on_host_;
  mutable bool is_on_host_ = false;
  std::unique_ptr<Recording> recording_;
};

}  // namespace trine::cuda
