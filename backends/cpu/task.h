// How a step becomes work: tasks that may run at the same time, in at most three phases with a
// barrier between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "backends/cpu/kernels/kernels.h"
#include "engine/plan.h"
#include "engine/run_params.h"

namespace trine::cpu {

// What a running task sees: the step's parameters and memory of its thread's own.
struct TaskContext {
  const RunParams& params;
  float* scratch;
};

using Task = std::function<void(const TaskContext&)>;

// Collects the tasks of one wave. Builders of steps append to it.
class WaveTasks {
 public:
  static constexpr int kPhases = 3;

  void add(Task task, int phase = 0) { phases_[phase].push_back(std::move(task)); }
  const std::vector<Task>& phase(int index) const { return phases_[index]; }

 private:
  std::vector<Task> phases_[kPhases];
};

// Everything a builder needs: kernels, addresses, and memory beside the plan's.
class BuildContext {
 public:
  // `bases`: where each buffer of the plan lies.
  BuildContext(const Kernels& kernels, const Plan& plan, std::vector<std::byte*> bases)
      : kernels_(kernels), plan_(plan), bases_(std::move(bases)) {}

  const Kernels& kernels() const { return kernels_; }

  float* address(const Operand& operand) const {
    return reinterpret_cast<float*>(bases_[static_cast<std::size_t>(operand.buffer)]) +
           operand.offset;
  }

  bool in_state(const Operand& operand) const {
    return plan_.buffers[static_cast<std::size_t>(operand.buffer)].kind == BufferKind::state;
  }

  // A task that derives something from states alone. It runs before the waves, and only when a
  // state has changed since it last ran.
  void add_refresh(Task task) { refresh_.push_back(std::move(task)); }
  std::vector<Task> release_refresh() { return std::move(refresh_); }

  // Asks for `floats` of scratch in every thread.
  void need_scratch(std::int64_t floats) {
    if (floats > scratch_) scratch_ = floats;
  }
  std::int64_t scratch() const { return scratch_; }

  // Memory that lives as long as the program.
  float* keep(std::int64_t floats) {
    kept_.push_back(std::make_unique<float[]>(static_cast<std::size_t>(floats)));
    return kept_.back().get();
  }

  // Memory for what passes between the phases of a wave; steps of other waves get the same.
  float* borrow(std::int64_t floats) {
    for (Loan& loan : loans_) {
      if (loan.wave == wave_ || loan.floats < floats) continue;
      loan.wave = wave_;
      return loan.memory;
    }
    loans_.push_back({keep(floats), floats, wave_});
    return loans_.back().memory;
  }
  void begin_wave(int wave) { wave_ = wave; }

  std::vector<std::unique_ptr<float[]>> release_kept() { return std::move(kept_); }

 private:
  struct Loan {
    float* memory;
    std::int64_t floats;
    int wave;
  };

  const Kernels& kernels_;
  const Plan& plan_;
  std::vector<std::byte*> bases_;
  std::vector<Task> refresh_;
  std::int64_t scratch_ = 0;
  std::vector<std::unique_ptr<float[]>> kept_;
  std::vector<Loan> loans_;
  int wave_ = 0;
};

// Elements of elementwise work in one task: some tens of microseconds.
inline constexpr std::int64_t kGrain = 16384;

// Calls add(begin, end) for pieces of [0, n) of at most `grain`, whose borders depend on n alone.
template <class Add>
void for_pieces(std::int64_t n, std::int64_t grain, Add add) {
  for (std::int64_t begin = 0; begin < n; begin += grain)
    add(begin, begin + grain < n ? begin + grain : n);
}

// Appends the tasks of every member of a step.
using StepBuilder = void (*)(BuildContext&, const Step&, WaveTasks&);

// How a structured op runs here. Each file ops/NAME.cpp gives its own as NAME_kernels().
struct OpKernel {
  std::string_view op;
  StepBuilder build;
  bool epilogue = false, prologue = false;  // whether steps may be fused onto it (plan.h, Step)
};

// Generated from the files in ops/.
const std::vector<OpKernel>& op_kernels();

void build_elementwise(BuildContext& build, const Step& step, WaveTasks& tasks);

// The builder for a step; null if the CPU backend has none.
StepBuilder find_builder(const Step& step);

}  // namespace trine::cpu
