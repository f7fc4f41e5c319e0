#include "engine/passes/schedule.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/layout.h"

namespace trine {
namespace {

// A step's access to a range of bytes of a state buffer.
struct StateAccess {
  int step;
  int buffer;
  std::int64_t first, last;  // bytes [first, last)

  bool overlaps(const StateAccess& other) const {
    return buffer == other.buffer && first < other.last && other.first < last;
  }
};

StateAccess access_of(int step, const Operand& operand) {
  const std::int64_t size = size_of(operand.type.dtype);
  return {step, operand.buffer, operand.offset * size,
          (operand.offset + extent_of(operand.type.shape, operand.strides)) * size};
}

class Dependencies {
 public:
  explicit Dependencies(const Plan& plan)
      : plan_(plan), before_(plan.steps.size()), writer_(plan.buffers.size(), -1) {}

  std::vector<std::vector<int>> find() {
    for (int i = 0; i < steps(); ++i) note_writes(i);
    for (int i = 0; i < steps(); ++i) note_reads(i);
    order_states();
    return std::move(before_);
  }

 private:
  int steps() const { return static_cast<int>(plan_.steps.size()); }
  const Step& step(int i) const { return plan_.steps[static_cast<std::size_t>(i)]; }
  BufferKind kind(const Operand& operand) const {
    return plan_.buffers[static_cast<std::size_t>(operand.buffer)].kind;
  }

  void note_writes(int i) {
    for (const Member& member : step(i).members)
      for (const Operand& output : member.outputs)
        if (kind(output) == BufferKind::state)
          writes_.push_back(access_of(i, output));
        else
          writer_[static_cast<std::size_t>(output.buffer)] = i;
  }

  void note_reads(int i) {
    for (const Member& member : step(i).members)
      for (const Operand& input : member.inputs) {
        if (kind(input) == BufferKind::state) reads_.push_back(access_of(i, input));
        const int writer = writer_[static_cast<std::size_t>(input.buffer)];
        if (writer >= 0 && writer != i) before_[static_cast<std::size_t>(i)].push_back(writer);
      }
  }

  void order_states() {
    std::sort(writes_.begin(), writes_.end(), [](const StateAccess& a, const StateAccess& b) {
      return std::pair(a.buffer, a.first) < std::pair(b.buffer, b.first);
    });
    for (std::size_t k = 1; k < writes_.size(); ++k)
      if (writes_[k].overlaps(writes_[k - 1]))
        fail("assign: '{}' is written twice at byte {}; a program may assign each element of a "
             "state once",
             plan_.buffers[static_cast<std::size_t>(writes_[k].buffer)].name, writes_[k].first);
    for (const StateAccess& read : reads_) {
      auto write = std::lower_bound(writes_.begin(), writes_.end(), read,
                                    [](const StateAccess& w, const StateAccess& r) {
                                      return w.buffer < r.buffer ||
                                             (w.buffer == r.buffer && w.last <= r.first);
                                    });
      for (; write != writes_.end() && write->overlaps(read); ++write)
        if (write->step != read.step)
          before_[static_cast<std::size_t>(write->step)].push_back(read.step);
    }
  }

  const Plan& plan_;
  std::vector<std::vector<int>> before_;
  std::vector<int> writer_;
  std::vector<StateAccess> reads_, writes_;
};

}  // namespace

std::vector<std::vector<int>> dependencies(const Plan& plan) { return Dependencies(plan).find(); }

void schedule(Plan& plan) {
  const std::vector<std::vector<int>> before = dependencies(plan);
  std::vector<std::vector<int>> after(before.size());
  std::vector<int> waiting(before.size());
  std::vector<int> ready;
  for (std::size_t i = 0; i < before.size(); ++i) {
    waiting[i] = static_cast<int>(before[i].size());
    for (int b : before[i]) after[static_cast<std::size_t>(b)].push_back(static_cast<int>(i));
    if (waiting[i] == 0) ready.push_back(static_cast<int>(i));
  }
  std::size_t done = 0;
  for (; done < ready.size(); ++done) {
    const int i = ready[done];
    Step& step = plan.steps[static_cast<std::size_t>(i)];
    step.wave = 0;
    for (int b : before[static_cast<std::size_t>(i)])
      step.wave = std::max(step.wave, plan.steps[static_cast<std::size_t>(b)].wave + 1);
    plan.waves = std::max(plan.waves, step.wave + 1);
    for (int a : after[static_cast<std::size_t>(i)])
      if (--waiting[static_cast<std::size_t>(a)] == 0) ready.push_back(a);
  }
  if (done != plan.steps.size())
    fail("schedule: {} of {} steps of '{}' wait for each other", plan.steps.size() - done,
         plan.steps.size(), plan.name);
  std::stable_sort(plan.steps.begin(), plan.steps.end(),
                   [](const Step& a, const Step& b) { return a.wave < b.wave; });
}

}  // namespace trine
