// The launchable kernels of cuda/scatter_add.cuh.
#include "cuda/scatter_add.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(scatter_add, kPlainBlock, scatter_add)
