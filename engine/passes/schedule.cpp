#include "engine/passes/plan_passes.h"

#include <algorithm>
#include <set>

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
        fail(
            "assign: '{}' is written twice at byte {}; a program may assign each element of a "
            "state once",
            plan_.buffers[static_cast<std::size_t>(writes_[k].buffer)].name, writes_[k].first);
    for (const StateAccess& read : reads_) {
      auto write = std::lower_bound(
          writes_.begin(), writes_.end(), read, [](const StateAccess& w, const StateAccess& r) {
            return w.buffer < r.buffer || (w.buffer == r.buffer && w.last <= r.first);
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

// How many waves a ready step waits for company at most. Longer waits merge more launches and keep
// more values alive: cotangents above all, whose weight gradients nothing is in a hurry for.
constexpr int kPatience = 12;

// Steps that run together so that they, and what comes after them, stay in step. Attributes may
// differ: chains that a difference in one place splits are then still merged in the others.
bool alike(const Step& a, const Step& b) {
  return a.op == b.op && a.prologue == b.prologue && a.body == b.body;
}

// For each step a number that it shares with those that are alike.
std::vector<int> kind_numbers(const Plan& plan) {
  std::vector<int> numbers;
  std::vector<const Step*> kinds;
  for (const Step& step : plan.steps) {
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const Step* kind) { return alike(*kind, step); });
    numbers.push_back(static_cast<int>(found - kinds.begin()));
    if (found == kinds.end()) kinds.push_back(&step);
  }
  return numbers;
}

// Assigns waves one after the other.
class Scheduler {
 public:
  explicit Scheduler(Plan& plan)
      : plan_(plan),
        before_(dependencies(plan)),
        after_(before_.size()),
        kinds_(kind_numbers(plan)),
        waiting_(before_.size()),
        deadline_(before_.size()) {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      waiting_[i] = static_cast<int>(before_[i].size());
      for (int b : before_[i]) after_[index(b)].push_back(static_cast<int>(i));
    }
  }

  void run() {
    set_deadlines();
    for (std::size_t i = 0; i < waiting_.size(); ++i)
      if (waiting_[i] == 0) make_ready(static_cast<int>(i), 0);
    for (int wave = 0; !ready_.empty(); ++wave) {
      for (const int i : take_due(wave)) {
        plan_.steps[index(i)].wave = wave;
        for (const int a : after_[index(i)])
          if (--waiting_[index(a)] == 0) make_ready(a, wave + 1);
      }
    }
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // The last wave of each step that leaves time for everything after it; counts the waves.
  void set_deadlines() {
    const std::vector<int> order = dependency_order();
    std::vector<int> earliest(before_.size(), 0);
    for (const int i : order) {
      for (const int b : before_[index(i)])
        earliest[index(i)] = std::max(earliest[index(i)], earliest[index(b)] + 1);
      plan_.waves = std::max(plan_.waves, earliest[index(i)] + 1);
    }
    for (auto i = order.rbegin(); i != order.rend(); ++i) {
      deadline_[index(*i)] = plan_.waves - 1;
      for (const int a : after_[index(*i)])
        deadline_[index(*i)] = std::min(deadline_[index(*i)], deadline_[index(a)] - 1);
    }
  }

  std::vector<int> dependency_order() const {
    std::vector<int> open = waiting_, order;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (open[i] == 0) order.push_back(static_cast<int>(i));
    for (std::size_t done = 0; done < order.size(); ++done)
      for (const int a : after_[index(order[done])])
        if (--open[index(a)] == 0) order.push_back(a);
    if (order.size() != open.size())
      fail("schedule: {} of {} steps of '{}' wait for each other", open.size() - order.size(),
           open.size(), plan_.name);
    return order;
  }

  void make_ready(int i, int wave) {
    deadline_[index(i)] = std::min(deadline_[index(i)], wave + kPatience);
    ready_.push_back(i);
  }

  // Removes and returns the ready steps whose time has come, and those that are alike.
  std::vector<int> take_due(int wave) {
    std::set<int> due;
    for (const int i : ready_)
      if (deadline_[index(i)] <= wave) due.insert(kinds_[index(i)]);
    const auto taken = std::stable_partition(
        ready_.begin(), ready_.end(), [&](int i) { return !due.contains(kinds_[index(i)]); });
    std::vector<int> steps(taken, ready_.end());
    ready_.erase(taken, ready_.end());
    return steps;
  }

  Plan& plan_;
  std::vector<std::vector<int>> before_, after_;
  std::vector<int> kinds_;
  std::vector<int> waiting_;   // how many steps each still waits for
  std::vector<int> deadline_;  // wave
  std::vector<int> ready_;
};

}  // namespace

std::vector<std::vector<int>> dependencies(const Plan& plan) { return Dependencies(plan).find(); }

void schedule(Plan& plan) {
  Scheduler(plan).run();
  std::stable_sort(plan.steps.begin(), plan.steps.end(),
                   [](const Step& a, const Step& b) { return a.wave < b.wave; });
}

}  // namespace trine
