// Machines for tests: host memory, and launches that are kept instead of run.
#pragma once

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "backends/cuda/backend.h"
#include "backends/session.h"

namespace trine::cuda {

class CapturingMachine : public Machine {
 public:
  DeviceInfo info() const override { return {"capturing", "", "none", "", 0, {}}; }
  Address allocate(std::int64_t bytes) override {
    memory_.push_back(std::make_unique<std::byte[]>(static_cast<std::size_t>(bytes) + 1));
    return reinterpret_cast<Address>(memory_.back().get());
  }
  void release(Address) noexcept override {}
  void upload(Address to, std::span<const std::byte> data) override {
    if (!data.empty()) std::memcpy(reinterpret_cast<void*>(to), data.data(), data.size());
  }
  void download(Address from, std::span<std::byte> data) const override {
    if (!data.empty()) std::memcpy(data.data(), reinterpret_cast<const void*>(from), data.size());
  }
  void fill(Address to, std::uint32_t word, std::int64_t words) override {
    for (std::int64_t i = 0; i < words; ++i)
      std::memcpy(reinterpret_cast<std::byte*>(to) + i * 4, &word, 4);
  }
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    std::erase_if(launches, [](const Launch& launch) { return launch.step == kPacking; });
    launches_ = std::move(launches);
    return nullptr;
  }

  const std::vector<Launch>& launches() const { return launches_; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> memory_;
  std::vector<Launch> launches_;
};

// The launches of a graph, with every pass on. They point into the program, which lives as long as
// this object.
class CapturedProgram {
 public:
  explicit CapturedProgram(const Graph& graph)
      : session_(make_backend(machine_)), program_(session_.compile(graph, "captured")) {}

  const std::vector<Launch>& launches() const { return machine_->launches(); }
  const Plan& plan() const { return program_.plan(); }

 private:
  std::shared_ptr<CapturingMachine> machine_ = std::make_shared<CapturingMachine>();
  Session session_;
  Executable program_;
};

}  // namespace trine::cuda
