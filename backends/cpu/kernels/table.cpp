// The kernel table of one level.
#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {

#define TRINE_STRING_(x) #x
#define TRINE_STRING(x) TRINE_STRING_(x)

#if defined(__AVX2__)
constexpr auto kPackLeft = pack_left;
constexpr auto kPackRight = pack_right;
#else
// Eigen packs by itself.
constexpr decltype(Kernels::pack_left) kPackLeft = nullptr;
constexpr decltype(Kernels::pack_right) kPackRight = nullptr;
#endif

extern const Kernels kKernels;
const Kernels kKernels = {TRINE_STRING(TRINE_CPU_NAMESPACE),
                          kRows,
                          uniform,
                          gemm,
                          packed_gemm,
                          kPackLeft,
                          kPackRight,
                          transpose_matrix,
                          row_sum,
                          row_max,
                          add_into,
                          max_into,
                          softmax,
                          log_softmax,
                          sparsemax,
                          layer_norm,
                          layer_norm_grad,
                          attention,
                          attention_grad};

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
