// Kernels that treat rows: softmax, layer norm and its gradient.
#include "backends/vulkan/kernels.h"

namespace trine::vulkan {
namespace {

struct Rows {
  std::int64_t rows, columns;

  explicit Rows(const Member& member) {
    const Shape& shape = member.inputs[0].type.shape;
    columns = shape.back();
    rows = count(shape) / columns;
  }

  std::int64_t lanes() const { return lanes_for(columns); }
};

std::int64_t row_groups(const Member& member) {
  const Rows r(member);
  return ceil_div(r.rows, 256 / r.lanes());
}

void put_rows(const Result& result, const Member& member, Record& record) {
  const Rows r(member);
  result.write_first(member, record);
  record.put(r.rows);
  record.put(r.columns);
  record.put(r.lanes());
}

StepKernel make_softmax(const Step& step, const KernelLimits&) {
  const Result result(step, 10);
  StepKernel kernel;
  kernel.source = {"softmax.comp", {step.op->name == "log_softmax" ? 1u : 0u}, {}};
  result.add_parts(kernel.source);
  kernel.groups = row_groups;
  kernel.write = [result](const Member& member, Record& record) {
    const Shape& shape = member.inputs[0].type.shape;
    const bool causal = member.attrs.has("causal_offset");
    put_rows(result, member, record);
    record.put(shape.rank() > 1 ? shape[shape.rank() - 2] : 1);
    record.put(causal);
    record.put(causal ? member.attrs.integer("causal_offset") + 1 : 0);
    record.put_source(member.inputs[0]);
    result.write_last(member, record);
  };
  return kernel;
}

StepKernel make_layer_norm(const Step& step, const KernelLimits&) {
  const Result result(step, 16);
  StepKernel kernel;
  kernel.source.kernel = "layer_norm.comp";
  kernel.groups = row_groups;
  kernel.write = [result](const Member& member, Record& record) {
    put_rows(result, member, record);
    record.put_float(member.attrs.real("epsilon"));
    for (const Operand& input : member.inputs) record.put_source(input);
    record.put_target(member.outputs[1]);
    record.put_target(member.outputs[2]);
    result.write_last(member, record);
  };
  return kernel;
}

StepKernel make_layer_norm_grad(const Step& step, const KernelLimits&) {
  const Result result(step, 16);
  StepKernel kernel;
  kernel.source.kernel = "layer_norm_grad.comp";
  result.add_parts(kernel.source);
  kernel.groups = row_groups;
  kernel.write = [result](const Member& member, Record& record) {
    put_rows(result, member, record);
    record.put(0);
    for (std::size_t k = 0; k < 5; ++k) record.put_source(member.inputs[k]);
    result.write_last(member, record);
  };
  return kernel;
}

}  // namespace

std::vector<OpKernel> normalization_kernels() {
  return {{.op = "softmax", .make = make_softmax, .stores_through_result = true},
          {.op = "log_softmax", .make = make_softmax, .stores_through_result = true},
          {.op = "layer_norm", .make = make_layer_norm},
          {.op = "layer_norm_grad",
           .make = make_layer_norm_grad,
           .stores_through_result = true,
           .epilogue = true}};
}

}  // namespace trine::vulkan
