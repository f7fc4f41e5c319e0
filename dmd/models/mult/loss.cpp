#include "dmd/models/mult/loss.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"

namespace dmd {

trine::Tensor mult_loss(const MultNetwork& network, trine::Tensor labels) {
  return mean(abs(network.output - labels));
}

}  // namespace dmd
