// Matrix products.
#include <algorithm>

#include "backends/vulkan/kernels.h"

namespace trine::vulkan {
namespace {

struct Product {
  std::int64_t m, n, k, batches;

  explicit Product(const Member& member) {
    const Shape &a = member.inputs[0].type.shape, &b = member.inputs[1].type.shape;
    const int rank = a.rank();
    m = a[rank - 2];
    k = a[rank - 1];
    n = b[rank - 1];
    batches = 1;
    for (int d = 0; d < rank - 2; ++d) batches *= a[d];
  }

  std::int64_t tiles(std::int64_t micro) const {
    return batches * ceil_div(m, 16 * micro) * ceil_div(n, 16 * micro);
  }
};

Dims batch_dims(const Dims& dims) {
  return Dims(std::span(dims.begin(), static_cast<std::size_t>(dims.rank() - 2)));
}

void put_matrix(const Operand& operand, Record& record) {
  const int rank = operand.type.shape.rank();
  record.put_source(operand);
  record.put(operand.strides[rank - 2]);
  record.put(operand.strides[rank - 1]);
  record.put_dims(batch_dims(operand.strides), 0);
}

// Rows and columns of c that an invocation computes. Large tiles read less memory; a device wants
// enough of them to be busy, and edges of small matrices waste large ones.
std::uint32_t micro_for(const Step& step) {
  constexpr std::int64_t kBusy = 256;
  for (std::uint32_t micro : {4u, 2u}) {
    std::int64_t tiles = 0, wasted = 0, useful = 0;
    for (const Member& member : step.members) {
      const Product p(member);
      const std::int64_t area = p.tiles(micro) * 256 * micro * micro;
      tiles += p.tiles(micro);
      useful += p.batches * p.m * p.n;
      wasted += area - p.batches * p.m * p.n;
    }
    if (tiles >= kBusy && wasted <= useful) return micro;
  }
  return 1;
}

StepKernel make_matmul(const Step& step, const KernelLimits&) {
  const Result result(step, 32);
  const std::uint32_t micro = micro_for(step);
  StepKernel kernel;
  kernel.source = {"matmul.comp", {micro}, {}};
  result.add_parts(kernel.source);
  kernel.write = [result](const Member& member, Record& record) {
    const Product p(member);
    result.write_first(member, record);
    for (std::int64_t extent : {p.m, p.n, p.k, p.batches}) record.put(extent);
    record.put_dims(batch_dims(member.inputs[0].type.shape), 1);
    put_matrix(member.inputs[0], record);
    put_matrix(member.inputs[1], record);
    result.write_last(member, record);
  };
  kernel.groups = [micro](const Member& member) { return Product(member).tiles(micro); };
  return kernel;
}

}  // namespace

std::vector<OpKernel> matmul_kernels() {
  return {{.op = "matmul", .make = make_matmul, .stores_through_result = true, .epilogue = true}};
}

}  // namespace trine::vulkan
