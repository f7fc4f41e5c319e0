// The launchable kernels of cuda/gather.cuh.
#include "cuda/gather.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(gather, kPlainBlock, gather)
