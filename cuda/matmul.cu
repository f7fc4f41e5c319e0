// The launchable kernels of cuda/matmul.cuh.
#include "cuda/matmul.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(matmul_wide, kProductBlock, matmul<MatmulBlock<64, 8, 2>, Body>)
TRINE_KERNEL(matmul_deep, kProductBlock, matmul<MatmulBlock<32, 4, 4>, Body>)
