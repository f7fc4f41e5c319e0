#include "backends/backend.h"

#include "engine/error.h"

namespace trine {

void require_supported(const Backend& backend, const Plan& plan) {
  for (const Step& step : plan.steps) {
    const std::string why = backend.unsupported(step);
    if (why.empty()) continue;
    fail("{}{}{}: {}", kernel_name(step), step.scope.empty() ? "" : " in ", step.scope, why);
  }
}

}  // namespace trine
