// A machine that runs nothing and keeps the launches of the last program recorded on it.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "backends/cuda/backend.h"
#include "backends/session.h"

namespace trine::cuda {

class CapturingMachine final : public Machine {
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
  void download(Address, std::span<std::byte>) const override {}
  void fill(Address, std::uint32_t, std::int64_t) override {}
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    launches_ = std::move(launches);
    return nullptr;
  }

  const std::vector<Launch>& launches() const { return launches_; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> memory_;
  std::vector<Launch> launches_;
};

// The launches of a graph compiled with the given passes. They point into the program, which lives
// as long as this object.
class CapturedProgram {
 public:
  explicit CapturedProgram(const Graph& graph, const PassOptions& passes = {})
      : session_(make_backend(machine_), passes), program_(session_.compile(graph, "captured")) {}

  const std::vector<Launch>& launches() const { return machine_->launches(); }
  const Plan& plan() const { return program_.plan(); }

 private:
  std::shared_ptr<CapturingMachine> machine_ = std::make_shared<CapturingMachine>();
  Session session_;
  Executable program_;
};

}  // namespace trine::cuda
