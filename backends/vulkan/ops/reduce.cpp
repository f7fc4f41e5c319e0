// Reductions.
#include <algorithm>

#include <fmt/format.h>

#include "backends/codegen/expression_printer.h"
#include "backends/vulkan/glsl_printer.h"
#include "backends/vulkan/kernels.h"
#include "engine/layout.h"

namespace trine::vulkan {
namespace {

constexpr int kOperands = 20, kOperandWords = 14;

// Elements that one invocation takes. Mesa's CPU driver ends a shader's loops after 65,535 turns in
// all, without a word.
constexpr std::int64_t kMostTurns = 60000;

// The index space that is reduced, split into its kept and its reduced dimensions.
struct Split {
  Shape kept, reduced;
  std::vector<Strides> kept_strides, reduced_strides;

  Split(const Member& member, std::span<const Strides> operands) {
    const Shape& shape = member.inputs[0].type.shape;
    const Dims& axes = member.attrs.dims("axes");
    kept_strides.resize(operands.size());
    reduced_strides.resize(operands.size());
    for (int d = 0; d < shape.rank(); ++d) {
      const bool is_reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
      (is_reduced ? reduced : kept).push_back(shape[d]);
      for (std::size_t k = 0; k < operands.size(); ++k)
        (is_reduced ? reduced_strides : kept_strides)[k].push_back(operands[k][d]);
    }
    collapse(kept, kept_strides);
    collapse(reduced, reduced_strides);
  }

  // Whether neighbouring reduced elements are nearer in memory than those of neighbouring results.
  bool reduced_innermost() const {
    auto innermost = [](const Strides& s) { return s.rank() && s.back() ? s.back() : INT64_MAX; };
    return innermost(reduced_strides[0]) <= innermost(kept_strides[0]);
  }

  // A result whose elements lie together gets as many lanes as it can use; results that lie
  // together share a group, so that neighbours read neighbours.
  std::int64_t lanes() const {
    const std::int64_t useful = lanes_for(count(reduced));
    if (reduced_innermost()) return useful;
    const std::int64_t held = std::max<std::int64_t>(lanes_for(count(kept)), 1);
    return std::min(useful, 256 / std::min<std::int64_t>(held, 32));
  }
};

// Strides of the operands that elements come from; where the prologue draws random numbers, last
// the strides that number the elements.
std::vector<Strides> walked(const Step& step, const Member& member) {
  std::vector<Strides> strides;
  for (int k = 0; k < step.op_inputs; ++k)
    strides.push_back(member.inputs[static_cast<std::size_t>(k)].strides);
  if (draws_random(step.prologue)) strides.push_back(dense_strides(member.inputs[0].type.shape));
  return strides;
}

std::string prologue_text(const Step& step) {
  ReducedText spaces{8, 14, kOperands, 0, 0};
  for (const Member& member : step.members) {
    const Split split(member, walked(step, member));
    spaces.kept_rank = std::max(spaces.kept_rank, split.kept.rank());
    spaces.reduced_rank = std::max(spaces.reduced_rank, split.reduced.rank());
  }
  std::vector<DType> types;
  for (int k = 0; k < step.op_inputs; ++k)
    types.push_back(step.members.front().inputs[static_cast<std::size_t>(k)].type.dtype);
  return print_element(step.prologue, spaces, types);
}

void write_record(const Step& step, const Member& member, const Result& result, Record& record) {
  const Split split(member, walked(step, member));
  result.write_first(member, record);
  record.put(count(split.kept));
  record.put(count(split.reduced));
  record.put(split.lanes());
  record.put(split.reduced_innermost());
  record.put(split.kept.rank());
  record.put(split.reduced.rank());
  record.put_dims(split.kept, 1);
  record.put_dims(split.reduced, 1);
  for (std::size_t k = 0; k < split.kept_strides.size(); ++k) {
    const bool numbers_elements = k == static_cast<std::size_t>(step.op_inputs);
    if (numbers_elements) {
      record.put(0);
      record.put(0);
    } else {
      record.put_source(member.inputs[k]);
    }
    record.put_dims(split.kept_strides[k], 0);
    record.put_dims(split.reduced_strides[k], 0);
  }
  result.write_last(member, record);
}

std::string why_too_long(const Step& step, const KernelLimits&) {
  for (const Member& member : step.members) {
    const Split split(member, walked(step, member));
    if (count(split.reduced) / split.lanes() > kMostTurns)
      return fmt::format(
          "{} elements are reduced to one result, and one work group of vulkan takes at most {}; "
          "reduce one axis after the other",
          count(split.reduced), kMostTurns * split.lanes());
  }
  return "";
}

StepKernel make_reduce(const Step& step, const KernelLimits&) {
  const int operands = static_cast<int>(walked(step, step.members.front()).size());
  const Result result(step, kOperands + kOperandWords * operands);
  StepKernel kernel;
  kernel.source.kernel = "reduce.comp";
  kernel.source.constants = {step.op->name == "reduce_max" ? 1u : 0u};
  if (step.prologue.empty())
    result.add_parts(kernel.source);
  else
    result.add_parts(kernel.source, &step.prologue, prologue_text(step));
  kernel.write = [&step, result](const Member& member, Record& record) {
    write_record(step, member, result, record);
  };
  kernel.groups = [&step](const Member& member) {
    const Split split(member, walked(step, member));
    return ceil_div(count(split.kept), 256 / split.lanes());
  };
  return kernel;
}

}  // namespace

std::vector<OpKernel> reduce_kernels() {
  return {{.op = "reduce_sum",
           .make = make_reduce,
           .why_not = why_too_long,
           .stores_through_result = true,
           .epilogue = true,
           .prologue = true},
          {.op = "reduce_max",
           .make = make_reduce,
           .why_not = why_too_long,
           .stores_through_result = true,
           .epilogue = true,
           .prologue = true}};
}

}  // namespace trine::vulkan
