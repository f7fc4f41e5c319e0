#include "backends/cuda/program.h"

#include <algorithm>

#include "backends/cuda/steps.h"
#include "backends/workspace_guard.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

// Every type of the engine has words of four bytes.
constexpr std::int64_t kElementBytes = 4;

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
  machine_->fill(address(), kPoisonWord, bytes_ / 4);
}

void Workspace::check(const std::string& program) const {
  if (!checked_) return;
  std::vector<std::uint32_t> words(kGuardBytes / 4);
  const auto check_at = [&](Address guard, GuardSide side) {
    machine_->download(guard, std::as_writable_bytes(std::span(words)));
    check_guard(words, side, program);
  };
  check_at(memory_.address(), GuardSide::before);
  check_at(address() + static_cast<Address>(bytes_), GuardSide::after);
}

CudaProgram::CudaProgram(std::shared_ptr<Machine> machine, std::shared_ptr<const Plan> plan,
                         const StateBinding& states, Precision precision, bool checked)
    : machine_(std::move(machine)),
      plan_(std::move(plan)),
      workspace_(machine_, plan_->workspace_bytes(), checked),
      step_words_(machine_, sizeof(RunWords)) {
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
  const std::int64_t fetched = elements_before(plan_->fetches.size());
  if (fetched > 0) fetched_ = Memory(machine_, fetched * kElementBytes);
  std::vector<Address> bases = bases_;
  bases.push_back(fetched_.address());
  Build build(machine_, std::move(bases), precision);
  for (std::size_t s = 0; s < plan_->steps.size(); ++s) {
    build.begin_step(static_cast<int>(s), plan_->steps[s]);
    build_step(build, plan_->steps[s]);
  }
  add_packing(build);
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

std::int64_t CudaProgram::elements_before(std::size_t fetch) const {
  std::int64_t elements = 0;
  for (std::size_t i = 0; i < fetch; ++i) elements += count(plan_->fetches[i].operand.type.shape);
  return elements;
}

// Copies in one launch, behind all others.
void CudaProgram::add_packing(Build& build) const {
  Step copy;
  copy.body = {.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};
  copy.wave = plan_->waves;
  for (std::size_t i = 0; i < plan_->fetches.size(); ++i) {
    const Operand& from = plan_->fetches[i].operand;
    Operand to = from;
    to.buffer = static_cast<int>(bases_.size());
    to.offset = elements_before(i);
    copy.members.push_back({.attrs = {}, .inputs = {from}, .outputs = {to}, .scalars = {}});
  }
  if (copy.members.empty()) return;
  build.begin_step(kPacking, copy);
  build_elementwise(build, copy);
}

Address CudaProgram::address(const Operand& operand) const {
  return bases_[static_cast<std::size_t>(operand.buffer)] +
         static_cast<Address>(operand.offset * size_of(operand.type.dtype));
}

void CudaProgram::write(const Feed& feed, std::span<const std::byte> data) {
  machine_->upload(address(feed.operand), data);
}

void CudaProgram::begin(const RunParams& params) {
  workspace_.poison();
  const RunWords words = to_words(params);
  machine_->upload(step_words_.address(), std::as_bytes(std::span(words)));
}

void CudaProgram::run(const RunParams& params) {
  is_on_host_ = false;
  begin(params);
  recording_->replay();
  workspace_.check(plan_->name);
}

void CudaProgram::read(const Fetch& fetch, std::span<std::byte> data) const {
  if (!is_on_host_) {
    on_host_.resize(static_cast<std::size_t>(fetched_.bytes()));
    machine_->download(fetched_.address(), on_host_);
    is_on_host_ = true;
  }
  const auto found = std::ranges::find(plan_->fetches, fetch.name, &Fetch::name);
  const auto index = static_cast<std::size_t>(found - plan_->fetches.begin());
  const auto from = on_host_.begin() + elements_before(index) * kElementBytes;
  std::copy_n(from, data.size(), data.begin());
}

std::vector<LaunchTime> CudaProgram::profile(const RunParams& params) {
  is_on_host_ = false;
  begin(params);
  std::vector<LaunchTime> times;
  const std::vector<double> microseconds = recording_->time();
  for (std::size_t i = 0; i < microseconds.size(); ++i)
    if (step_of_launch_[i] != kPacking) times.push_back({step_of_launch_[i], microseconds[i]});
  return times;
}

}  // namespace trine::cuda
