#include "engine/passes/plan_passes.h"

namespace trine {
namespace {

class Replacements {
 public:
  explicit Replacements(const Plan& plan)
      : plan_(plan), last_wave_(plan.buffers.size(), -1), last_uses_(plan.buffers.size(), 0) {}

  std::vector<int> find() {
    for (const Step& step : plan_.steps)
      for (const Member& member : step.members) {
        for (const Operand& input : member.inputs) note_use(input, step.wave);
        for (const Operand& output : member.outputs) note_use(output, step.wave);
      }
    for (const Fetch& f : plan_.fetches) note_use(f.operand, plan_.waves);
    std::vector<int> replaced(plan_.buffers.size(), -1);
    for (const Step& step : plan_.steps) {
      if (step.op) continue;
      // One output: another's elements might be stored before all are read.
      for (const Member& member : step.members)
        if (member.outputs.size() == 1)
          replaced[index(member.outputs[0])] = replaced_by(member, step.wave);
    }
    return replaced;
  }

 private:
  static std::size_t index(const Operand& operand) {
    return static_cast<std::size_t>(operand.buffer);
  }

  void note_use(const Operand& operand, int wave) {
    int& uses = last_uses_[index(operand)];
    uses = wave == last_wave_[index(operand)] ? uses + 1 : 1;
    last_wave_[index(operand)] = wave;
  }

  int replaced_by(const Member& member, int wave) const {
    const Operand& output = member.outputs[0];
    if (!fills_its_buffer(output)) return -1;
    for (const Operand& input : member.inputs)
      if (fills_its_buffer(input) && input.type == output.type &&
          last_wave_[index(input)] == wave && last_uses_[index(input)] == 1)
        return input.buffer;
    return -1;
  }

  bool fills_its_buffer(const Operand& operand) const {
    const Buffer& buffer = plan_.buffers[index(operand)];
    return buffer.kind == BufferKind::value && operand.offset == 0 && is_dense(operand) &&
           buffer.bytes == count(operand.type.shape) * size_of(operand.type.dtype);
  }

  const Plan& plan_;
  std::vector<int> last_wave_;  // of each buffer, in which it is used
  std::vector<int> last_uses_;  // in that wave
};

}  // namespace

std::vector<int> find_replacements(const Plan& plan) { return Replacements(plan).find(); }

}  // namespace trine
