#include "backends/reduction_order.h"

#include <algorithm>
#include <cstddef>

#include "engine/layout.h"

namespace trine {

ReductionOrder reduction_order(const Dims& axes, const Shape& shape,
                               std::span<const Operand> operands) {
  std::vector<Strides> strides;
  for (const Operand& operand : operands) strides.push_back(operand.strides);
  // The strides of the result, zero along reduced axes, keep the two kinds of dimensions apart.
  Strides result = Dims::filled(shape.rank(), 0);
  std::int64_t stride = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    if (std::find(axes.begin(), axes.end(), d) != axes.end()) continue;
    result[d] = stride;
    stride *= shape[d];
  }
  strides.push_back(result);
  Shape walked = shape;
  collapse(walked, strides);
  const Strides kept = strides.back();
  strides.pop_back();

  ReductionOrder order;
  order.strides.resize(strides.size());
  auto take = [&](int d, std::int64_t& extent) {
    order.shape.push_back(walked[d]);
    for (std::size_t k = 0; k < strides.size(); ++k) order.strides[k].push_back(strides[k][d]);
    extent *= walked[d];
  };
  // What is kept innermost stays innermost.
  const int rank = walked.rank();
  const int last = rank > 0 && kept[rank - 1] != 0 ? rank - 1 : rank;
  for (int d = 0; d < last; ++d)
    if (kept[d] != 0) take(d, order.outer);
  for (int d = 0; d < rank; ++d)
    if (kept[d] == 0) take(d, order.reduced);
  for (int d = last; d < rank; ++d) take(d, order.inner);
  return order;
}

}  // namespace trine
