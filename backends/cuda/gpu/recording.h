// A program's launches as one CUDA graph: a kernel node each, ordered by stages. Replaying it is
// one call to the driver.
#pragma once

#include <memory>
#include <vector>

#include "backends/cuda/gpu/context.h"
#include "backends/cuda/machine.h"

namespace trine::cuda {

class GpuRecording final : public Recording {
 public:
  // `functions[i]` runs `launches[i]`; launches are sorted by stage.
  GpuRecording(std::shared_ptr<Context> context, std::vector<Launch> launches,
               std::vector<CUfunction> functions);

  void replay() override;
  std::vector<double> time() override;

 private:
  void launch(std::size_t index);

  std::shared_ptr<Context> context_;
  std::vector<Launch> launches_;
  std::vector<CUfunction> functions_;
  GraphExec graph_;
};

}  // namespace trine::cuda
