#include "backends/reference/interpret.h"

#include <bit>
#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/philox.h"

namespace trine {
namespace {

using Buffers = std::vector<std::vector<double>*>;

// Calls visit(linear index, address of the element) for each element of an operand in order.
template <class Visit>
void for_each_element(const Operand& operand, const Buffers& buffers, Visit visit) {
  std::vector<double>& words = *buffers[static_cast<std::size_t>(operand.buffer)];
  const Shape& shape = operand.type.shape;
  Dims index = Dims::filled(shape.rank(), 0);
  const std::int64_t n = count(shape);
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t at = operand.offset;
    for (int d = 0; d < shape.rank(); ++d) at += index[d] * operand.strides[d];
    visit(i, words.at(static_cast<std::size_t>(at)));
    for (int d = shape.rank() - 1; d >= 0 && ++index[d] == shape[d]; --d) index[d] = 0;
  }
}

HostTensor load(const Operand& operand, const Buffers& buffers) {
  HostTensor value(operand.type);
  for_each_element(operand, buffers, [&](std::int64_t i, double& word) { value[i] = word; });
  return value;
}

void store(const HostTensor& value, const Operand& operand, const Buffers& buffers) {
  const bool truncate = operand.type.dtype == DType::i32;
  for_each_element(operand, buffers, [&](std::int64_t i, double& word) {
    word = truncate ? std::trunc(value[i]) : value[i];
  });
}

double evaluate_instr(const Instr& instr, const std::vector<std::uint32_t>& scalars,
                      const RunParams& params, std::int64_t element,
                      const std::vector<double>& registers) {
  auto arg = [&](int k) {
    return instr.args[k] < 0 ? 0.0 : registers[static_cast<std::size_t>(instr.args[k])];
  };
  if (instr.kind == InstrKind::apply) return instr.fn->reference(arg(0), arg(1), arg(2));
  const std::uint32_t bits = scalars[static_cast<std::size_t>(instr.scalar)];
  if (instr.kind == InstrKind::constant) return std::bit_cast<float>(bits);
  return random_uniform(params.seed, bits, params.step, static_cast<std::uint64_t>(element));
}

std::vector<HostTensor> evaluate_expression(const Expression& expression, const Member& member,
                                            const RunParams& params,
                                            const std::vector<HostTensor>& inputs,
                                            const Shape& domain) {
  std::vector<HostTensor> outputs(expression.outputs.size(), HostTensor(Type{DType::f32, domain}));
  std::vector<double> registers(inputs.size() + expression.instrs.size());
  for (std::int64_t i = 0; i < count(domain); ++i) {
    for (std::size_t k = 0; k < inputs.size(); ++k) registers[k] = inputs[k][i];
    for (std::size_t k = 0; k < expression.instrs.size(); ++k)
      registers[inputs.size() + k] =
          evaluate_instr(expression.instrs[k], member.scalars, params, i, registers);
    for (std::size_t k = 0; k < outputs.size(); ++k)
      outputs[k][i] = registers[static_cast<std::size_t>(expression.outputs[k])];
  }
  return outputs;
}

std::vector<HostTensor> run_op(const Step& step, const Member& member, const RunParams& params,
                               std::vector<HostTensor> inputs) {
  std::vector<HostTensor> outputs;
  if (!step.prologue.empty())
    inputs = evaluate_expression(step.prologue, member, params, inputs, inputs[0].type.shape);
  if (step.body.empty()) {
    for (const Operand& operand : member.outputs) outputs.emplace_back(operand.type);
  } else {
    // The epilogue's result may have another shape of as many elements.
    outputs.emplace_back(Type{DType::f32, member.outputs[0].type.shape});
  }
  step.op->reference(member.attrs, params, inputs, outputs);
  return outputs;
}

}  // namespace

void interpret(const Step& step, const Member& member, const RunParams& params,
               const Buffers& buffers) {
  std::vector<HostTensor> inputs;
  for (const Operand& operand : member.inputs) inputs.push_back(load(operand, buffers));
  std::vector<HostTensor> outputs;
  if (step.op) {
    const auto split = inputs.begin() + step.op_inputs;
    outputs = run_op(step, member, params, {inputs.begin(), split});
    inputs.erase(inputs.begin(), split);
    if (!step.body.empty()) inputs.insert(inputs.begin(), std::move(outputs[0]));
  }
  if (!step.body.empty())
    outputs = evaluate_expression(step.body, member, params, inputs, member.outputs[0].type.shape);
  for (std::size_t k = 0; k < outputs.size(); ++k) store(outputs[k], member.outputs[k], buffers);
}

}  // namespace trine
