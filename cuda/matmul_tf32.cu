// The launchable kernel of cuda/matmul_tf32.cuh.
#include "cuda/matmul_tf32.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(matmul_tf32, kProductBlock, matmul<MatmulTf32Block, Body>)
