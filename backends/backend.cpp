#include "backends/backend.h"

#include <algorithm>

#include "engine/error.h"

namespace trine {

void upload_zeros(DeviceBuffer& buffer) {
  constexpr std::int64_t kPiece = 4 << 20;
  const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min(kPiece, buffer.bytes())));
  for (std::int64_t at = 0; at < buffer.bytes(); at += kPiece) {
    const auto n = static_cast<std::size_t>(std::min(kPiece, buffer.bytes() - at));
    buffer.upload(at, std::span(zeros).first(n));
  }
}

void require_supported(const Backend& backend, const Plan& plan) {
  for (const Step& step : plan.steps) {
    const std::string why = backend.unsupported(step);
    if (why.empty()) continue;
    fail("{}{}{}: {}", kernel_name(step), step.scope.empty() ? "" : " in ", step.scope, why);
  }
}

}  // namespace trine
