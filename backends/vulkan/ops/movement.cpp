// Kernels that move rows: gather, scatter_add, spread.
#include <algorithm>

#include "backends/vulkan/kernels.h"

namespace trine::vulkan {
namespace {

std::int64_t row_words(const Shape& shape) {
  return count(shape) / std::max<std::int64_t>(shape[0], 1);
}

std::int64_t element_groups(const Member& member) {
  return ceil_div(count(member.outputs[0].type.shape), 256);
}

StepKernel make_gather(const Step&, const KernelLimits&) {
  StepKernel kernel;
  kernel.source.kernel = "gather.comp";
  kernel.groups = element_groups;
  kernel.write = [](const Member& member, Record& record) {
    const Shape& table = member.inputs[0].type.shape;
    record.put_target(member.outputs[0]);
    record.put(count(member.outputs[0].type.shape));
    record.put(row_words(table));
    record.put(table[0]);
    record.put_source(member.inputs[0]);
    record.put_source(member.inputs[1]);
  };
  return kernel;
}

StepKernel make_scatter_add(const Step& step, const KernelLimits&) {
  const Result result(step, 9);
  StepKernel kernel;
  kernel.source.kernel = "scatter_add.comp";
  result.add_parts(kernel.source);
  kernel.groups = [](const Member& member) { return member.attrs.integer("rows"); };
  kernel.write = [result](const Member& member, Record& record) {
    const std::int64_t rows = member.attrs.integer("rows");
    result.write_first(member, record);
    record.put(rows);
    record.put(count(member.outputs[0].type.shape) / std::max<std::int64_t>(rows, 1));
    record.put(count(member.inputs[0].type.shape));
    record.put_source(member.inputs[0]);
    record.put_source(member.inputs[1]);
    result.write_last(member, record);
  };
  return kernel;
}

StepKernel make_spread(const Step&, const KernelLimits&) {
  StepKernel kernel;
  kernel.source.kernel = "spread.comp";
  kernel.groups = element_groups;
  kernel.write = [](const Member& member, Record& record) {
    const Operand &from = member.inputs[0], &to = member.outputs[0];
    const int axis = static_cast<int>(member.attrs.integer("axis"));
    std::int64_t inner = 1;
    for (int d = axis + 1; d < to.type.shape.rank(); ++d) inner *= to.type.shape[d];
    record.put_target(to);
    record.put(count(to.type.shape));
    record.put(inner);
    record.put(to.type.shape[axis]);
    record.put(member.attrs.integer("start"));
    record.put(member.attrs.integer("step"));
    record.put(from.type.shape[axis]);
    record.put_source(from);
    record.put(from.type.shape.rank());
    record.put_dims(from.type.shape, 1);
    record.put_dims(from.strides, 0);
  };
  return kernel;
}

}  // namespace

std::vector<OpKernel> movement_kernels() {
  return {{.op = "gather", .make = make_gather},
          {.op = "scatter_add", .make = make_scatter_add, .stores_through_result = true},
          {.op = "spread", .make = make_spread}};
}

}  // namespace trine::vulkan
