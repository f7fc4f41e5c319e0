#include "backends/cpu/cpu.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <thread>

#include <unistd.h>

#include "backends/cpu/memory.h"
#include "backends/cpu/task.h"
#include "backends/cpu/thread_pool.h"
#include "backends/op_kernels.h"
#include "backends/workspace_guard.h"
#include "engine/error.h"

namespace trine {
namespace {

using namespace cpu;

class CpuBuffer final : public DeviceBuffer {
 public:
  explicit CpuBuffer(std::int64_t bytes) : bytes_(bytes), memory_(bytes) {}
  std::int64_t bytes() const override { return bytes_; }
  void upload(std::int64_t first_byte, std::span<const std::byte> data) override {
    std::memcpy(memory_.data() + first_byte, data.data(), data.size());
    changed();
  }
  void download(std::int64_t first_byte, std::span<std::byte> data) const override {
    std::memcpy(data.data(), memory_.data() + first_byte, data.size());
  }
  std::byte* data() const { return memory_.data(); }

  // Counts writes, so that programs know when what they derived from the content is out of date.
  std::uint64_t version() const { return version_; }
  void changed() { ++version_; }

 private:
  std::int64_t bytes_;
  Memory memory_;
  std::uint64_t version_ = 1;
};

// The workspace with guarded ends, or without.
class Workspace {
 public:
  Workspace(std::int64_t bytes, bool checked)
      : bytes_(bytes), checked_(checked), memory_(bytes + 2 * kGuardBytes) {}

  std::byte* data() const { return memory_.data() + kGuardBytes; }

  void poison() {
    if (!checked_) return;
    std::ranges::fill(words(0, bytes_ + 2 * kGuardBytes), kGuardWord);
    std::ranges::fill(words(kGuardBytes, bytes_), kPoisonWord);
  }

  void check(const std::string& program) const {
    if (!checked_) return;
    check_guard(words(0, kGuardBytes), GuardSide::before, program);
    check_guard(words(kGuardBytes + bytes_, kGuardBytes), GuardSide::after, program);
  }

 private:
  std::span<std::uint32_t> words(std::int64_t byte, std::int64_t bytes) const {
    return {reinterpret_cast<std::uint32_t*>(memory_.data() + byte),
            static_cast<std::size_t>(bytes / 4)};
  }

  std::int64_t bytes_;
  bool checked_;
  Memory memory_;
};

class CpuProgram final : public Program {
 public:
  CpuProgram(std::shared_ptr<const Plan> plan, const StateBinding& states, bool checked,
             std::shared_ptr<ThreadPool> pool)
      : plan_(std::move(plan)),
        pool_(std::move(pool)),
        workspace_(plan_->workspace_bytes(), checked) {
    bind(states);
    BuildContext build(best_kernels(), *plan_, bases_);
    waves_.resize(static_cast<std::size_t>(plan_->waves));
    for (const Step& step : plan_->steps) {
      build.begin_wave(step.wave);
      find_builder(step)(build, step, waves_[static_cast<std::size_t>(step.wave)]);
    }
    kept_ = build.release_kept();
    refresh_ = build.release_refresh();
    const std::int64_t floats = (build.scratch() + 63) / 64 * 64;
    for (int t = 0; t < pool_->size(); ++t) scratch_.emplace_back(floats * 4);
  }

  void write(const Feed& feed, std::span<const std::byte> data) override {
    std::memcpy(address(feed.operand), data.data(), data.size());
  }

  void run(const RunParams& params) override {
    begin(params);
    for (const WaveTasks& wave : waves_) run_wave(wave, params);
    for (CpuBuffer* state : written_) state->changed();
    workspace_.check(plan_->name);
  }

  void read(const Fetch& fetch, std::span<std::byte> data) const override {
    std::memcpy(data.data(), address(fetch.operand), data.size());
  }

  std::vector<LaunchTime> profile(const RunParams& params) override {
    using Clock = std::chrono::steady_clock;
    begin(params);
    std::vector<LaunchTime> times;
    BuildContext build(best_kernels(), *plan_, bases_);
    for (std::size_t s = 0; s < plan_->steps.size(); ++s) {
      const Step& step = plan_->steps[s];
      WaveTasks alone;
      build.begin_wave(step.wave);
      find_builder(step)(build, step, alone);
      run_tasks(build.release_refresh(), params);
      const auto start = Clock::now();
      run_wave(alone, params);
      const std::chrono::duration<double, std::micro> spent = Clock::now() - start;
      times.push_back({static_cast<int>(s), spent.count()});
    }
    for (CpuBuffer* state : written_) state->changed();
    return times;
  }

 private:
  void bind(const StateBinding& states) {
    for (const Buffer& buffer : plan_->buffers) {
      if (buffer.kind == BufferKind::state) {
        states_.push_back(&dynamic_cast<CpuBuffer&>(states(buffer)));
        bases_.push_back(states_.back()->data());
        if (writes(static_cast<int>(bases_.size()) - 1)) written_.push_back(states_.back());
      } else if (buffer.kind == BufferKind::workspace) {
        bases_.push_back(workspace_.data());
      } else {
        owned_.emplace_back(buffer.bytes);
        bases_.push_back(owned_.back().data());
        if (buffer.kind == BufferKind::step) step_words_ = owned_.back().data();
      }
    }
    for (const Literal& literal : plan_->literals)
      std::memcpy(address(literal.operand), literal.values->data(),
                  literal.values->size() * sizeof(float));
  }

  bool writes(int buffer) const {
    for (const Step& step : plan_->steps)
      for (const Member& member : step.members)
        for (const Operand& output : member.outputs)
          if (output.buffer == buffer) return true;
    return false;
  }

  std::byte* address(const Operand& operand) const {
    return bases_[static_cast<std::size_t>(operand.buffer)] +
           operand.offset * size_of(operand.type.dtype);
  }

  void begin(const RunParams& params) {
    workspace_.poison();
    const RunWords words = to_words(params);
    if (step_words_) std::memcpy(step_words_, words.data(), sizeof(words));
    std::uint64_t version = 0;  // a sum of counters that only grow
    for (const CpuBuffer* state : states_) version += state->version();
    if (version == refreshed_) return;
    run_tasks(refresh_, params);
    refreshed_ = version;
  }

  void run_wave(const WaveTasks& wave, const RunParams& params) {
    for (int phase = 0; phase < WaveTasks::kPhases; ++phase) run_tasks(wave.phase(phase), params);
  }

  void run_tasks(const std::vector<Task>& tasks, const RunParams& params) {
    if (!tasks.empty())
      pool_->run(static_cast<int>(tasks.size()), [&](int index, int thread) {
        auto* scratch = reinterpret_cast<float*>(scratch_[static_cast<std::size_t>(thread)].data());
        tasks[static_cast<std::size_t>(index)]({params, scratch});
      });
  }

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<ThreadPool> pool_;
  Workspace workspace_;
  std::vector<Memory> owned_;
  std::vector<std::byte*> bases_;
  std::byte* step_words_ = nullptr;
  std::vector<CpuBuffer*> states_, written_;
  std::vector<Task> refresh_;
  std::uint64_t refreshed_ = 0;
  std::vector<WaveTasks> waves_;
  std::vector<std::unique_ptr<float[]>> kept_;
  std::vector<Memory> scratch_;
};

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(int threads)
      : pool_(std::make_shared<ThreadPool>(
            threads > 0 ? threads
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency())))) {}

  DeviceInfo info() const override {
    const std::int64_t memory =
        static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
    return {"cpu",  "this machine's processor",
            "cpu",  std::string("Trine's own kernels and Eigen, level ") + best_kernels().level,
            memory, {{"threads", std::to_string(pool_->size())}}};
  }

  std::string unsupported(const Step& step) const override {
    return find_builder(step) ? "" : "the cpu backend has no kernel for this op";
  }

  Fusion fusion() const override { return cpu_fusion(); }

  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return std::make_unique<CpuBuffer>(bytes);
  }

  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    return std::make_unique<CpuProgram>(std::move(plan), states, options.check_memory, pool_);
  }

 private:
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace

Fusion cpu_fusion() { return fusion_of(cpu::op_kernels()); }

std::unique_ptr<Backend> make_cpu_backend(int threads) {
  if (threads < 0) fail("cpu: {} threads were asked for; give 1 or more, or 0 for all", threads);
  best_kernels();  // fails here, and not in each program, where there is no such level
  return std::make_unique<CpuBackend>(threads);
}

}  // namespace trine
