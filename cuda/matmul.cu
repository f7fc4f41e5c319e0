// The launchable kernels of cuda/matmul.cuh.
#include "cuda/matmul.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(matmul_wide, kThreads, matmul<MatmulBlock<64, 1>, Body>)
TRINE_KERNEL(matmul_deep, kThreads, matmul<MatmulBlock<32, 4>, Body>)
