// Chooses the kernel table at start.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "backends/cpu/kernels/kernels.h"
#include "engine/error.h"

namespace trine::cpu {

namespace baseline {
extern const Kernels kKernels;
}
#if defined(TRINE_CPU_X86)
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
#endif

namespace {

// Best first.
const Kernels* const kLevels[] = {
#if defined(TRINE_CPU_X86)
    &avx512::kKernels, &avx2::kKernels,
#endif
    &baseline::kKernels};

bool runs_here([[maybe_unused]] const Kernels& level) {
#if defined(TRINE_CPU_X86)
  if (&level == &avx512::kKernels)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
  if (&level == &avx2::kKernels)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return true;
}

const Kernels& choose() {
  const char* wanted = std::getenv("TRINE_CPU_LEVEL");
  for (const Kernels* level : kLevels) {
    if (wanted && std::string_view(wanted) != level->level) continue;
    if (runs_here(*level)) return *level;
  }
  fail(
      "TRINE_CPU_LEVEL is '{}', which this processor or build does not have; choose baseline, "
      "avx2 or avx512, or leave it unset",
      wanted ? wanted : "");
}

}  // namespace

std::int64_t attention_scratch(std::int64_t queries, std::int64_t keys, std::int64_t width) {
  const auto padded = [](std::int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; };
  // Keys and values turned, scores and their gradients, draws.
  if (width >= kWideHead) return (2 * width + 2 * kQueryBlock + 1) * padded(keys) + kLanes;
  const std::int64_t forward = keys * kLanes;
  const std::int64_t backward = padded(queries) * (width + 1);
  return std::max(forward, backward);
}

const Kernels& best_kernels() {
  static const Kernels& kernels = choose();
  return kernels;
}

}  // namespace trine::cpu
