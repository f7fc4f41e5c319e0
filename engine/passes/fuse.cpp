#include "engine/passes/plan_passes.h"

#include <algorithm>
#include <set>

#include "engine/layout.h"
#include "engine/passes/splice.h"

namespace trine {
namespace {

std::int64_t elements(const Operand& operand) { return count(operand.type.shape); }

bool holds(const std::vector<std::string_view>& ops, const OpDef& op) {
  return std::ranges::find(ops, op.name) != ops.end();
}

bool draws(const Expression& expression) {
  return std::any_of(expression.instrs.begin(), expression.instrs.end(),
                     [](const Instr& i) { return i.kind == InstrKind::random; });
}

// Every step keeps its number; merged ones become empty. A merged step takes the later number, and
// merging requires that everything else which reads the earlier step comes after it: so the list
// stays in dependency order.
class Fuser {
 public:
  Fuser(Plan& plan, const Fusion& fusion)
      : plan_(plan),
        fusion_(fusion),
        writer_(plan.buffers.size(), -1),
        readers_(plan.buffers.size()) {
    alive_.assign(plan.steps.size(), true);
    fetched_.assign(plan.buffers.size(), false);
    for (const Fetch& f : plan.fetches) fetched_[index(f.operand)] = true;
    for (int i = 0; i < static_cast<int>(plan.steps.size()); ++i) note(i);
  }

  void run() {
    for (int i = 0; i < static_cast<int>(plan_.steps.size()); ++i)
      while (absorb_one(i)) {
      }
    std::vector<Step> kept;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      if (alive_[i]) kept.push_back(std::move(plan_.steps[i]));
    plan_.steps = std::move(kept);
  }

 private:
  static std::size_t index(const Operand& operand) {
    return static_cast<std::size_t>(operand.buffer);
  }
  Step& step(int i) { return plan_.steps[static_cast<std::size_t>(i)]; }
  BufferKind kind(const Operand& operand) const { return plan_.buffers[index(operand)].kind; }
  bool is_value(const Operand& operand) const { return kind(operand) == BufferKind::value; }

  void note(int i) {
    for (const Member& member : step(i).members) {
      for (const Operand& operand : member.inputs) readers_[index(operand)].insert(i);
      for (const Operand& operand : member.outputs)
        if (is_value(operand)) writer_[index(operand)] = i;
    }
  }

  void forget(int i) {
    for (const Member& member : step(i).members)
      for (const Operand& operand : member.inputs) readers_[index(operand)].erase(i);
  }

  // Merges one producer of step `i` into it; false if there is none. Elementwise producers first:
  // once the step is an epilogue, it takes no more of them.
  bool absorb_one(int i) {
    if (step(i).members.size() != 1) return false;
    const std::vector<Operand> inputs = step(i).members[0].inputs;  // a copy: the step may change
    for (const bool structured : {false, true})
      for (const Operand& operand : inputs) {
        if (!is_value(operand)) continue;
        const int producer = writer_[index(operand)];
        if (producer < 0 || producer == i || (step(producer).op != nullptr) != structured) continue;
        if (try_merge(producer, i)) return true;
      }
    return false;
  }

  bool try_merge(int p, int c) {
    if (step(p).members.size() != 1) return false;
    if (step(c).op == nullptr) return merge_into_elementwise(p, c);
    return holds(fusion_.prologues, *step(c).op) && step(c).prologue.empty() &&
           merge_into_prologue(p, c);
  }

  // Whether every reader of the producer's results is the consumer or comes after it. Who reads a
  // state that it writes reads the old value: states_allow() sees to them.
  bool others_come_later(int p, int c) {
    for (const Operand& output : step(p).members[0].outputs) {
      if (!is_value(output)) continue;
      for (int reader : readers_[index(output)])
        if (reader < c && reader != p) return false;
    }
    return true;
  }

  // Whether something besides the consumer needs the result in memory.
  bool needed_elsewhere(const Operand& output, int c) {
    if (!is_value(output) || fetched_[index(output)]) return true;
    const std::set<int>& readers = readers_[index(output)];
    return std::any_of(readers.begin(), readers.end(), [&](int reader) { return reader != c; });
  }

  static BoundExpression bound(const Step& s) {
    const Member& member = s.members[0];
    BoundExpression b{s.body, member.inputs, member.scalars, 0};
    if (!s.op) return b;
    if (s.body.empty()) b.code = {.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};
    b.inputs.erase(b.inputs.begin(), b.inputs.begin() + s.op_inputs);
    b.given = 1;
    return b;
  }

  // Input numbers of the consumer that read an output of the producer element by element, with the
  // output's number. Nothing if one is read in any other way.
  static std::optional<std::vector<std::pair<int, int>>> links(const Step& p,
                                                               std::span<const Operand> inputs) {
    std::vector<std::pair<int, int>> result;
    for (std::size_t k = 0; k < inputs.size(); ++k)
      for (std::size_t o = 0; o < p.members[0].outputs.size(); ++o) {
        const Operand& output = p.members[0].outputs[o];
        if (inputs[k].buffer != output.buffer) continue;
        if (inputs[k].offset != output.offset || !is_dense(inputs[k]) || !is_dense(output) ||
            elements(inputs[k]) != elements(output) || inputs[k].type.dtype != output.type.dtype ||
            output.type.dtype != DType::f32)
          return std::nullopt;
        result.emplace_back(static_cast<int>(k), static_cast<int>(o));
      }
    return result;
  }

  static bool reshape_all(std::vector<Operand>& operands, const Shape& shape) {
    for (Operand& operand : operands) {
      const auto reshaped = over_shape(operand, shape);
      if (!reshaped) return false;
      operand = *reshaped;
    }
    return true;
  }

  // Elementwise after elementwise, or as the epilogue of a structured step.
  bool merge_into_elementwise(int p, int c) {
    const Step &producer = step(p), &consumer = step(c);
    if (producer.op && !holds(fusion_.epilogues, *producer.op)) return false;
    const Member& target = consumer.members[0];
    if (!is_dense(target.outputs[0]) || target.outputs[0].type.dtype != DType::f32) return false;
    if (producer.members[0].outputs[0].type.dtype != DType::f32) return false;
    if (elements(producer.members[0].outputs[0]) != elements(target.outputs[0])) return false;
    if (!others_come_later(p, c)) return false;

    BoundExpression first = bound(producer), second = bound(consumer);
    const auto linked = links(producer, second.inputs);
    if (!linked) return false;
    std::vector<Operand> first_outputs = producer.members[0].outputs;
    std::vector<Operand> outputs = target.outputs;
    // One index space for both: a structured step's own, else the consumer's, else the producer's.
    const Shape own = producer.members[0].outputs[0].type.shape;
    const Shape theirs = target.outputs[0].type.shape;
    const Shape shapes[] = {producer.op ? own : theirs, producer.op ? theirs : own};
    bool agreed = false;
    for (const Shape& shape : shapes) {
      BoundExpression f = first, s = second;
      std::vector<Operand> fo = first_outputs, so = outputs;
      if (!reshape_all(f.inputs, shape) || !reshape_all(s.inputs, shape) ||
          !reshape_all(fo, shape) || !reshape_all(so, shape))
        continue;
      first = std::move(f);
      second = std::move(s);
      first_outputs = std::move(fo);
      outputs = std::move(so);
      agreed = true;
      break;
    }
    if (!agreed) return false;

    std::vector<int> keep;
    for (std::size_t o = 0; o < first_outputs.size(); ++o)
      if (needed_elsewhere(first_outputs[o], c)) keep.push_back(static_cast<int>(o));
    BoundExpression joined = splice(first, second, *linked, keep);
    for (int k : keep) outputs.push_back(first_outputs[static_cast<std::size_t>(k)]);
    if (joined.code.instrs.size() > fusion_.most_instrs ||
        joined.inputs.size() > fusion_.most_inputs || outputs.size() > fusion_.most_outputs ||
        !states_allow(p, c, joined.inputs, outputs))
      return false;

    Step merged;
    merged.op = producer.op;
    merged.op_inputs = producer.op_inputs;
    merged.prologue = producer.prologue;
    merged.body = std::move(joined.code);
    merged.scope = producer.op ? producer.scope : consumer.scope;
    Member member{producer.members[0].attrs, {}, std::move(outputs), std::move(joined.scalars)};
    const std::vector<Operand>& own_inputs = producer.members[0].inputs;
    member.inputs.assign(own_inputs.begin(), own_inputs.begin() + producer.op_inputs);
    member.inputs.insert(member.inputs.end(), joined.inputs.begin(), joined.inputs.end());
    merged.members.push_back(std::move(member));
    replace(p, c, std::move(merged));
    return true;
  }

  // Elementwise in front of a reduction that alone reads it.
  bool merge_into_prologue(int p, int c) {
    const Step &producer = step(p), &consumer = step(c);
    if (producer.op || producer.members[0].outputs.size() != 1 || draws(producer.body))
      return false;
    const Operand& output = producer.members[0].outputs[0];
    const Operand& read = consumer.members[0].inputs[0];
    if (read.buffer != output.buffer || needed_elsewhere(output, c)) return false;
    for (std::size_t k = 1; k < consumer.members[0].inputs.size(); ++k)
      if (consumer.members[0].inputs[k].buffer == output.buffer) return false;
    if (!is_dense(read) || !is_dense(output) || read.offset != output.offset ||
        elements(read) != elements(output))
      return false;
    BoundExpression first = bound(producer);
    if (!reshape_all(first.inputs, read.type.shape) || first.inputs.empty()) return false;

    Step merged = consumer;
    Member& member = merged.members[0];
    const auto slots = static_cast<std::int16_t>(member.scalars.size());
    merged.prologue = std::move(first.code);
    for (Instr& instr : merged.prologue.instrs)
      if (instr.scalar >= 0) instr.scalar = static_cast<std::int16_t>(instr.scalar + slots);
    member.scalars.insert(member.scalars.end(), first.scalars.begin(), first.scalars.end());
    merged.prologue.scalars = static_cast<int>(member.scalars.size());
    member.inputs.erase(member.inputs.begin());
    member.inputs.insert(member.inputs.begin(), first.inputs.begin(), first.inputs.end());
    merged.op_inputs = static_cast<int>(first.inputs.size());
    if (member.inputs.size() > fusion_.most_inputs) return false;
    replace(p, c, std::move(merged));
    return true;
  }

  void replace(int p, int c, Step merged) {
    forget(p);
    forget(c);
    step(p).members.clear();
    alive_[static_cast<std::size_t>(p)] = false;
    step(c) = std::move(merged);
    note(c);
  }

  // ---- states: a merged step that writes one must not close a circle of "before" ----

  static bool overlap(const Operand& a, const Operand& b) {
    return a.buffer == b.buffer && a.offset < b.offset + extent_of(b.type.shape, b.strides) &&
           b.offset < a.offset + extent_of(a.type.shape, a.strides);
  }

  bool states_allow(int p, int c, const std::vector<Operand>& inputs,
                    const std::vector<Operand>& outputs) {
    for (const Operand& output : outputs) {
      if (kind(output) != BufferKind::state) continue;
      // In place, an element may be read only where it is written.
      for (const Operand& input : inputs)
        if (overlap(input, output) && !(input == output)) return false;
      for (std::size_t k = 0; k < static_cast<std::size_t>(step(p).op_inputs); ++k)
        if (overlap(step(p).members[0].inputs[k], output)) return false;
      // Other readers of the old value run before; none of them may wait for the merged step.
      const std::set<int> after = successors(p, c);
      for (int reader : readers_[index(output)])
        if (reader != p && reader != c && after.count(reader) && reads(reader, output))
          return false;
    }
    return true;
  }

  bool reads(int i, const Operand& range) {
    const Member& member = step(i).members[0];
    return step(i).members.size() > 1 ||
           std::any_of(member.inputs.begin(), member.inputs.end(),
                       [&](const Operand& input) { return overlap(input, range); });
  }

  // All steps that must run after p and c together.
  std::set<int> successors(int p, int c) {
    std::set<int> found;
    std::vector<int> open = {p, c};
    while (!open.empty()) {
      const int i = open.back();
      open.pop_back();
      auto reach = [&](int next) {
        if (next != p && next != c && found.insert(next).second) open.push_back(next);
      };
      for (const Member& member : step(i).members) {
        for (const Operand& output : member.outputs)
          if (is_value(output))
            for (int reader : readers_[index(output)]) reach(reader);
        for (const Operand& input : member.inputs)
          if (kind(input) == BufferKind::state)
            for (int writer : state_writers(input)) reach(writer);
      }
    }
    return found;
  }

  std::vector<int> state_writers(const Operand& read) {
    std::vector<int> writers;
    for (int i = static_cast<int>(plan_.steps.size()) - 1; i >= 0; --i) {
      if (!alive_[static_cast<std::size_t>(i)]) continue;
      bool writes_state = false;
      for (const Member& member : step(i).members)
        for (const Operand& output : member.outputs) {
          if (kind(output) != BufferKind::state) continue;
          writes_state = true;
          if (overlap(output, read)) writers.push_back(i);
        }
      if (!writes_state) break;  // assigns stand at the end of the list
    }
    return writers;
  }

  Plan& plan_;
  const Fusion& fusion_;
  std::vector<int> writer_;
  std::vector<std::set<int>> readers_;
  std::vector<bool> alive_, fetched_;
};

}  // namespace

void fuse(Plan& plan, const Fusion& fusion) { Fuser(plan, fusion).run(); }

}  // namespace trine
