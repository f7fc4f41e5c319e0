#include "backends/cuda/backend.h"

#include "backends/cuda/program.h"
#include "backends/cuda/steps.h"
#include "backends/op_kernels.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::shared_ptr<Machine> machine, Precision precision)
      : machine_(std::move(machine)), precision_(precision) {}

  DeviceInfo info() const override { return machine_->info(); }
  std::string unsupported(const Step& step) const override { return why_unsupported(step); }
  Fusion fusion() const override { return fusion_of(op_kernels()); }

  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return std::make_unique<StateBuffer>(machine_, bytes);  // machines give zeroed memory
  }

  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    return std::make_unique<CudaProgram>(machine_, std::move(plan), states, precision_,
                                         options.check_memory);
  }

 private:
  std::shared_ptr<Machine> machine_;
  Precision precision_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(std::shared_ptr<Machine> machine, Precision precision) {
  return std::make_unique<CudaBackend>(std::move(machine), precision);
}

}  // namespace trine::cuda
