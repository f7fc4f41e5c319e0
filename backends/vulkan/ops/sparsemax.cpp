#include "backends/vulkan/kernels.h"

namespace trine::vulkan {
namespace {

std::int64_t rows_of(const Member& member) {
  const Shape& shape = member.inputs[0].type.shape;
  return count(shape) / shape.back();
}

StepKernel make_sparsemax(const Step& step, const KernelLimits&) {
  const Result result(step, 7);
  StepKernel kernel;
  kernel.source.kernel = "sparsemax.comp";
  result.add_parts(kernel.source);
  kernel.groups = rows_of;
  kernel.write = [result](const Member& member, Record& record) {
    result.write_first(member, record);
    record.put(rows_of(member));
    record.put(member.inputs[0].type.shape.back());
    record.put(0);
    record.put_source(member.inputs[0]);
    result.write_last(member, record);
  };
  return kernel;
}

}  // namespace

std::vector<OpKernel> sparsemax_kernels() {
  return {{.op = "sparsemax", .make = make_sparsemax, .stores_through_result = true}};
}

}  // namespace trine::vulkan
