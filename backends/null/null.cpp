#include "backends/null/null.h"

#include "backends/cpu/cpu.h"
#include "engine/error.h"

namespace trine {
namespace {

[[noreturn]] void refuse() {
  fail("the null device only plans; choose cpu or another device to run a program");
}

class NullBuffer final : public DeviceBuffer {
 public:
  explicit NullBuffer(std::int64_t bytes) : bytes_(bytes) {}
  std::int64_t bytes() const override { return bytes_; }
  void upload(std::int64_t, std::span<const std::byte>) override {}
  void download(std::int64_t, std::span<std::byte>) const override { refuse(); }

 private:
  std::int64_t bytes_;
};

class NullProgram final : public Program {
 public:
  void write(const Feed&, std::span<const std::byte>) override {}
  void run(const RunParams&) override { refuse(); }
  void read(const Fetch&, std::span<std::byte>) const override { refuse(); }
  std::vector<LaunchTime> profile(const RunParams&) override { refuse(); }
};

class NullBackend final : public Backend {
 public:
  DeviceInfo info() const override { return {"null", "planning only", "none", "none", 0, {}}; }
  std::string unsupported(const Step&) const override { return ""; }
  Fusion fusion() const override { return cpu_fusion(); }
  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return std::make_unique<NullBuffer>(bytes);
  }
  std::unique_ptr<Program> compile(std::shared_ptr<const Plan>, const StateBinding&,
                                   const CompileOptions&) override {
    return std::make_unique<NullProgram>();
  }
};

}  // namespace

std::unique_ptr<Backend> make_null_backend() { return std::make_unique<NullBackend>(); }

}  // namespace trine
