// The launchable kernels of cuda/spread.cuh.
#include "cuda/spread.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(spread, kPlainBlock, spread)
