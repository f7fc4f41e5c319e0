#include "backends/vulkan/kernels.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "backends/op_kernels.h"
#include "backends/reach.h"
#include "backends/vulkan/glsl_printer.h"
#include "engine/layout.h"

namespace trine::vulkan {
namespace {

constexpr int kDims = 6;
constexpr int kOperandWords = 8;

bool all_dense(const Step& step) {
  return std::all_of(step.members.begin(), step.members.end(), [](const Member& member) {
    return std::all_of(member.outputs.begin(), member.outputs.end(),
                       [](const Operand& output) { return is_dense(output); });
  });
}

std::vector<DType> types_of(std::span<const Operand> operands) {
  std::vector<DType> types;
  for (const Operand& operand : operands) types.push_back(operand.type.dtype);
  return types;
}

}  // namespace

void Record::put_dims(const Dims& dims, std::int64_t padding) {
  for (int d = dims.rank(); d < kDims; ++d) put(padding);
  for (std::int64_t value : dims) put(value);
}

std::string why_unsupported(const Step& step, const KernelLimits& limits) {
  if (const Operand* operand = beyond(step, std::numeric_limits<std::int32_t>::max()))
    return fmt::format(
        "an operand {} has more than 2^31 elements, which kernels cannot count; use a smaller "
        "batch",
        to_string(operand->type));
  if (!step.op) return "";
  const OpKernel* kernel = find_kernel(op_kernels(), *step.op);
  if (!kernel) return "the vulkan backend has no kernel for this op; run it on the cpu";
  const bool plain = step.body.empty() && all_dense(step);
  if (!plain && !kernel->stores_through_result)
    return "this op takes no epilogue on vulkan; compile with the pass fuse off";
  return kernel->why_not ? kernel->why_not(step, limits) : "";
}

StepKernel make_kernel(const Step& step, const KernelLimits& limits) {
  if (!step.op) return make_elementwise(step);
  return find_kernel(op_kernels(), *step.op)->make(step, limits);
}

// ---- what the families share ----

Walk::Walk(const Shape& full, std::span<const Operand> operands) : shape(full) {
  for (const Operand& operand : operands) strides.push_back(operand.strides);
  collapse(shape, strides);
}

std::int64_t lanes_for(std::int64_t columns) {
  return static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint64_t>(std::clamp<std::int64_t>(columns, 1, 256))));
}

Result::Result(const Step& step, int fixed) : op_inputs_(step.op_inputs), fixed_(fixed) {
  const Member& first = step.members.front();
  const bool stores_plainly = step.body.empty() && all_dense(step);
  if (stores_plainly) return;
  epilogue_ = step.body;
  if (step.body.empty()) {
    epilogue_.inputs = 1;
    epilogue_.outputs = {0};
    op_inputs_ = static_cast<int>(first.inputs.size());
  }
  inputs_ = types_of(std::span(first.inputs).subspan(static_cast<std::size_t>(op_inputs_)));
  outputs_ = types_of(first.outputs);
  for (const Member& member : step.members)
    rank_ = std::max(rank_, Walk(member.outputs[0].type.shape, walked(member)).shape.rank());
}

int Result::scalars_at() const {
  if (epilogue_.empty()) return fixed_;
  return fixed_ + kDims + kOperandWords * static_cast<int>(inputs_.size() + outputs_.size());
}

void Result::add_parts(KernelSource& source, const Expression* prologue,
                       const std::string& prologue_text) const {
  std::vector<const Expression*> expressions = {&epilogue_};
  if (prologue) expressions.push_back(prologue);
  std::string support = print_support(expressions, scalars_at());
  if (!epilogue_.empty()) {
    const SpaceText space{fixed_, fixed_ + kDims, rank_};
    source.parts["epilogue"] =
        support + print_store("finish", epilogue_, 1, space, inputs_, outputs_);
    support.clear();  // kernels include the epilogue first
  }
  if (prologue) source.parts["prologue"] = support + prologue_text;
}

std::vector<Operand> Result::walked(const Member& member) const {
  std::vector<Operand> operands(member.inputs.begin() + op_inputs_, member.inputs.end());
  operands.insert(operands.end(), member.outputs.begin(), member.outputs.end());
  return operands;
}

void Result::write_first(const Member& member, Record& record) const {
  record.put_target(member.outputs[0]);
}

void Result::write_last(const Member& member, Record& record) const {
  if (!epilogue_.empty()) {
    const std::vector<Operand> operands = walked(member);
    const Walk walk(member.outputs[0].type.shape, operands);
    record.put_dims(walk.shape, 1);
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (k < inputs_.size())
        record.put_source(operands[k]);
      else
        record.put_target(operands[k]);
      record.put_dims(walk.strides[k], 0);
    }
  }
  record.put_scalars(member.scalars);
}

// ---- elementwise ----

StepKernel make_elementwise(const Step& step) {
  const Member& first = step.members.front();
  int rank = 0;
  auto walked = [](const Member& member) {
    std::vector<Operand> operands = member.inputs;
    operands.insert(operands.end(), member.outputs.begin(), member.outputs.end());
    return operands;
  };
  for (const Member& member : step.members)
    rank = std::max(rank, Walk(member.outputs[0].type.shape, walked(member)).shape.rank());
  StepKernel kernel;
  kernel.source.kernel = "elementwise.comp";
  const bool moves_words =
      step.body.is_copy() && first.inputs[0].type.dtype == first.outputs[0].type.dtype;
  if (!moves_words) {
    const int operands = static_cast<int>(first.inputs.size() + first.outputs.size());
    const Expression* const expressions[] = {&step.body};
    kernel.source.parts["body"] = print_support(expressions, 8 + kOperandWords * operands) +
                                  print_store("compute", step.body, 0, {2, 8, rank},
                                              types_of(first.inputs), types_of(first.outputs));
  }
  kernel.write = [rank, walked](const Member& member, Record& record) {
    const std::vector<Operand> operands = walked(member);
    const Walk walk(member.outputs[0].type.shape, operands);
    record.put(count(member.outputs[0].type.shape));
    record.put(rank);
    record.put_dims(walk.shape, 1);
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (k < member.inputs.size())
        record.put_source(operands[k]);
      else
        record.put_target(operands[k]);
      record.put_dims(walk.strides[k], 0);
    }
    record.put_scalars(member.scalars);
  };
  kernel.groups = [](const Member& member) {
    return ceil_div(count(member.outputs[0].type.shape), 256);
  };
  return kernel;
}

}  // namespace trine::vulkan
