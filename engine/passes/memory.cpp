#include "engine/passes/plan_passes.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace trine {
namespace {

// Regions begin at multiples of this: cache lines, and the largest offset alignment that Vulkan
// devices ask of storage buffers.
constexpr std::int64_t kAlignment = 256;

struct Life {
  int buffer = -1;
  std::int64_t bytes = 0;
  int first = std::numeric_limits<int>::max(), last = -1;  // waves
  std::int64_t offset = 0;

  bool meets(const Life& other) const { return first <= other.last && other.first <= last; }
};

// For each buffer the one whose place it takes: itself, or the first of a chain of values of which
// each replaces the one before.
std::vector<int> homes(const Plan& plan) {
  std::vector<int> home(plan.buffers.size());
  std::iota(home.begin(), home.end(), 0);
  const std::vector<int> replaced = find_replacements(plan);
  for (int& buffer : home)
    while (replaced[static_cast<std::size_t>(buffer)] >= 0)
      buffer = replaced[static_cast<std::size_t>(buffer)];
  return home;
}

std::vector<Life> lives_of(const Plan& plan, const std::vector<int>& home) {
  std::vector<Life> lives(plan.buffers.size());
  auto touch = [&](const Operand& operand, int wave) {
    Life& life = lives[static_cast<std::size_t>(home[static_cast<std::size_t>(operand.buffer)])];
    life.first = std::min(life.first, wave);
    life.last = std::max(life.last, wave);
  };
  for (const Step& step : plan.steps)
    for (const Member& member : step.members) {
      for (const Operand& operand : member.inputs) touch(operand, step.wave);
      for (const Operand& operand : member.outputs) touch(operand, step.wave);
    }
  for (const Fetch& f : plan.fetches) touch(f.operand, plan.waves);
  std::vector<Life> values;
  for (std::size_t b = 0; b < lives.size(); ++b) {
    if (plan.buffers[b].kind != BufferKind::value || lives[b].last < 0) continue;
    lives[b].buffer = static_cast<int>(b);
    lives[b].bytes = (plan.buffers[b].bytes + kAlignment - 1) / kAlignment * kAlignment;
    values.push_back(lives[b]);
  }
  return values;
}

// Largest first, each at the lowest offset that is free for its whole life (greedy by size, after
// Pisarchyk and Lee 2020, section 5).
std::int64_t place_greedily(std::vector<Life>& lives) {
  std::stable_sort(lives.begin(), lives.end(),
                   [](const Life& a, const Life& b) { return a.bytes > b.bytes; });
  std::int64_t total = 0;
  std::vector<const Life*> placed;  // by offset
  for (Life& life : lives) {
    std::int64_t at = 0;
    for (const Life* other : placed) {
      if (!other->meets(life)) continue;
      if (other->offset - at >= life.bytes) break;
      at = std::max(at, other->offset + other->bytes);
    }
    life.offset = at;
    total = std::max(total, at + life.bytes);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), &life,
                         [](const Life* a, const Life* b) { return a->offset < b->offset; }),
        &life);
  }
  return total;
}

std::int64_t place_apart(std::vector<Life>& lives) {
  std::int64_t total = 0;
  for (Life& life : lives) {
    life.offset = total;
    total += life.bytes;
  }
  return total;
}

// Replaces value buffers by one workspace and renumbers the buffers that remain.
class Rewrite {
 public:
  Rewrite(Plan& plan, const std::vector<Life>& lives, const std::vector<int>& home,
          std::int64_t workspace)
      : plan_(plan) {
    std::vector<Buffer> kept = {{BufferKind::workspace, "workspace", workspace}};
    target_.resize(plan.buffers.size());
    for (std::size_t b = 0; b < plan.buffers.size(); ++b) {
      if (plan.buffers[b].kind == BufferKind::value) continue;
      target_[b] = {static_cast<int>(kept.size()), 0};
      kept.push_back(plan.buffers[b]);
    }
    for (const Life& life : lives)
      target_[static_cast<std::size_t>(life.buffer)] = {0, life.offset};
    for (std::size_t b = 0; b < target_.size(); ++b)
      if (plan.buffers[b].kind == BufferKind::value)
        target_[b] = target_[static_cast<std::size_t>(home[b])];
    plan.buffers = std::move(kept);
  }

  void run() {
    for (Step& step : plan_.steps)
      for (Member& member : step.members) {
        for (Operand& operand : member.inputs) move(operand);
        for (Operand& operand : member.outputs) move(operand);
      }
    for (Feed& feed : plan_.feeds) move(feed.operand);
    for (Fetch& f : plan_.fetches) move(f.operand);
    for (Literal& literal : plan_.literals) move(literal.operand);
  }

 private:
  struct Target {
    int buffer = 0;
    std::int64_t offset = 0;  // bytes
  };

  void move(Operand& operand) const {
    const Target& target = target_[static_cast<std::size_t>(operand.buffer)];
    operand.buffer = target.buffer;
    operand.offset += target.offset / size_of(operand.type.dtype);
  }

  Plan& plan_;
  std::vector<Target> target_;
};

}  // namespace

void place_values(Plan& plan, bool reuse) {
  std::vector<int> apart(plan.buffers.size());
  std::iota(apart.begin(), apart.end(), 0);
  for (const Life& life : lives_of(plan, apart)) plan.unplanned_bytes += life.bytes;
  const std::vector<int> home = reuse ? homes(plan) : apart;
  std::vector<Life> lives = lives_of(plan, home);
  const std::int64_t workspace = reuse ? place_greedily(lives) : place_apart(lives);
  Rewrite(plan, lives, home, workspace).run();
}

}  // namespace trine
