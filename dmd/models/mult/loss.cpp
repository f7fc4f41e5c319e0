#include "dmd/models/mult/loss.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;

// Of two logits the softmax is a sigmoid of their difference.
Tensor cross_entropy(Tensor output, Tensor classes) {
  const std::int64_t batch = classes.dim(0), pairs = classes.dim(1);
  const Tensor logits = reshape(output, {batch, pairs, 2});
  const Tensor more_yes = squeeze(slice(logits, 2, 1, 2) - slice(logits, 2, 0, 1), 2);
  return mean(-log(sigmoid((classes * 2.0f - 1.0f) * more_yes)));
}

}  // namespace

Tensor mult_loss(const MultOptions& options, Tensor output, Tensor labels) {
  return options.task == MultTask::emotion ? cross_entropy(output, labels)
                                           : mean(abs(output - labels));
}

}  // namespace dmd
