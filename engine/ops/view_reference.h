// The reference of every view: it reads the input through the layout that the view computes.
#pragma once

#include <span>

#include "engine/host_tensor.h"
#include "engine/op.h"

namespace trine {

template <const OpDef* op>
void reference_view(const Attrs& attrs, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
  for (std::size_t k = 0; k < out.size(); ++k) {
    const auto layout =
        op->view(attrs, Layout::dense(in[0].type.shape), out[k].type, static_cast<int>(k));
    Dims index = Dims::filled(layout->shape.rank(), 0);
    for (std::int64_t i = 0; i < out[k].size(); ++i) {
      std::int64_t at = layout->offset;
      for (int d = 0; d < index.rank(); ++d) at += index[d] * layout->strides[d];
      out[k][i] = in[0][at];
      for (int d = index.rank() - 1; d >= 0 && ++index[d] == layout->shape[d]; --d) index[d] = 0;
    }
  }
}

}  // namespace trine
