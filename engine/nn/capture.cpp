#include "engine/nn/capture.h"

#include <fmt/format.h>

#include "engine/nn/positions.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/random.h"
#include "engine/ops/state.h"

namespace trine::nn {

Tensor Capture::parameter(std::string_view name, const Shape& shape, Init init) {
  const std::string path =
      graph_.scope().empty() ? std::string(name) : fmt::format("{}.{}", graph_.scope(), name);
  const Parameter& parameter = store_.declare(path, shape, init);
  Tensor& value = values_[&parameter];
  if (!value) {
    value = window(graph_, kParameters, parameter);
    uses_.push_back({&parameter, value});
  }
  return value;
}

Tensor Capture::dropout(Tensor x, double in_training) {
  return trine::dropout(x, rate(in_training));
}

Tensor Capture::sinusoids(std::int64_t steps, std::int64_t width) {
  Tensor& table = sinusoids_[{steps, width}];
  if (!table) table = literal(graph_, {steps, width}, sinusoid_table(steps, width));
  return table;
}

}  // namespace trine::nn
