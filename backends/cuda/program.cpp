#include "backends/cuda/program.h"

#include <algorithm>

#include "backends/cuda/steps.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

// Bytes before and after a checked workspace, and what they hold while nothing wrote them.
constexpr std::int64_t kGuardBytes = 4096;
constexpr std::uint32_t kGuardWord = 0xDEADBEA7u;
constexpr std::uint32_t kNaN = 0x7FC00000u;

}  // namespace

Workspace::Workspace(std::shared_ptr<Machine> machine, std::int64_t bytes, bool checked)
    : machine_(machine),
      bytes_(bytes),
      checked_(checked),
      memory_(std::move(machine), bytes + (checked ? 2 * kGuardBytes : 0)) {}

Address Workspace::address() const { return memory_.address() + (checked_ ? kGuardBytes : 0); }

void Workspace::poison() {
  if (!checked_) return;
  machine_->fill(memory_.address(), kGuardWord, memory_.bytes() / 4);
  machine_->fill(address(), kNaN, bytes_ / 4);
}

void Workspace::check(const std::string& program) const {
  if (!checked_) return;
  check_guard(memory_.address(), "before", program);
  check_guard(address() + static_cast<Address>(bytes_), "after", program);
}

void Workspace::check_guard(Address guard, const char* side, const std::string& program) const {
  std::vector<std::uint32_t> words(kGuardBytes / 4);
  machine_->download(guard, std::as_writable_bytes(std::span(words)));
  const auto hit = std::find_if(words.begin(), words.end(), [](auto w) { return w != kGuardWord; });
  if (hit != words.end())
    fail("program '{}' wrote outside its workspace, at word {} of the guard {} it", program,
         hit - words.begin(), side);
}

CudaProgram::CudaProgram(std::shared_ptr<Machine> machine, std::shared_ptr<const Plan> plan,
                         const StateBinding& states, Precision precision, bool checked)
    : machine_(std::move(machine)),
      plan_(std::move(plan)),
      workspace_(machine_, plan_->workspace_bytes(), checked),
      step_words_(machine_, sizeof(StepWords)) {
  bind(states);
  record(precision);
}

void CudaProgram::bind(const StateBinding& states) {
  for (const Buffer& buffer : plan_->buffers) switch (buffer.kind) {
      case BufferKind::state:
        bases_.push_back(dynamic_cast<StateBuffer&>(states(buffer)).address());
        break;
      case BufferKind::workspace:
        bases_.push_back(workspace_.address());
        break;
      case BufferKind::step:
        bases_.push_back(step_words_.address());
        break;
      default:
        owned_.emplace_back(machine_, buffer.bytes);
        bases_.push_back(owned_.back().address());
    }
  for (const Literal& literal : plan_->literals)
    machine_->upload(address(literal.operand), std::as_bytes(std::span(*literal.values)));
}

void CudaProgram::record(Precision precision) {
  Build build(machine_, bases_, precision);
  for (std::size_t s = 0; s < plan_->steps.size(); ++s) {
    build.begin_step(static_cast<int>(s), plan_->steps[s]);
    build_step(build, plan_->steps[s]);
  }
  const std::span<const std::byte> table = build.table().bytes();
  table_ = Memory(machine_, static_cast<std::int64_t>(table.size()));
  machine_->upload(table_.address(), table);
  std::vector<Launch> launches = std::move(build.launches());
  // The second phase of a step was added before the first phases of its wave's other steps.
  std::stable_sort(launches.begin(), launches.end(),
                   [](const Launch& a, const Launch& b) { return a.stage < b.stage; });
  for (Launch& launch : launches) {
    launch.args.table = reinterpret_cast<const unsigned char*>(table_.address());
    launch.args.step = reinterpret_cast<const unsigned*>(step_words_.address());
    step_of_launch_.push_back(launch.step);
  }
  kept_ = build.release_kept();
  recording_ = machine_->record(std::move(launches));
}

Address CudaProgram::address(const Operand& operand) const {
  return bases_[static_cast<std::size_t>(operand.buffer)] +
         static_cast<Address>(operand.offset * size_of(operand.type.dtype));
}

void CudaProgram::write(const Feed& feed, std::span<const std::byte> data) {
  machine_->upload(address(feed.operand), data);
}

void CudaProgram::begin(const StepParams& params) {
  workspace_.poison();
  const StepWords words = to_words(params);
  machine_->upload(step_words_.address(), std::as_bytes(std::span(words)));
}

void CudaProgram::run(const StepParams& params) {
  begin(params);
  recording_->replay();
  workspace_.check(plan_->name);
}

void CudaProgram::read(const Fetch& fetch, std::span<std::byte> data) const {
  machine_->download(address(fetch.operand), data);
}

std::vector<LaunchTime> CudaProgram::profile(const StepParams& params) {
  begin(params);
  std::vector<LaunchTime> times;
  const std::vector<double> microseconds = recording_->time();
  for (std::size_t i = 0; i < microseconds.size(); ++i)
    times.push_back({step_of_launch_[i], microseconds[i]});
  return times;
}

}  // namespace trine::cuda
