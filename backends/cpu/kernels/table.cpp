// The kernel table of one level.
#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {

#define TRINE_STRING_(x) #x
#define TRINE_STRING(x) TRINE_STRING_(x)

#if defined(__AVX2__)
constexpr auto kPackLeft = pack_left;
#else
constexpr decltype(Kernels::pack_left) kPackLeft = nullptr;  // Eigen packs by itself
#endif

extern const Kernels kKernels;
const Kernels kKernels = {TRINE_STRING(TRINE_CPU_NAMESPACE),
                          kRows,
                          uniform,
                          gemm,
                          packed_gemm,
                          kPackLeft,
                          transpose_matrix,
                          row_sum,
                          row_max,
                          add_into,
                          max_into,
                          softmax,
                          log_softmax,
                          layer_norm,
                          layer_norm_grad,
                          attention,
                          attention_grad};

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
