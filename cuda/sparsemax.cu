// The launchable kernel of cuda/sparsemax.cuh.
#include "cuda/sparsemax.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(sparsemax, kPlainBlock, sparsemax)
