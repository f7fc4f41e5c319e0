#include "backends/cuda/backend.h"

#include "backends/cuda/program.h"
#include "backends/cuda/steps.h"

namespace trine::cuda {
namespace {

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}

  DeviceInfo info() const override { return machine_->info(); }
  std::string unsupported(const Step& step) const override { return why_unsupported(step); }

  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return std::make_unique<StateBuffer>(machine_, bytes);
  }

  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    return std::make_unique<CudaProgram>(machine_, std::move(plan), states, options.check_memory);
  }

 private:
  std::shared_ptr<Machine> machine_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(std::shared_ptr<Machine> machine) {
  return std::make_unique<CudaBackend>(std::move(machine));
}

}  // namespace trine::cuda
